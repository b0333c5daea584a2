"""How are family names, and the commonest Arabic names, usually written in our letters? Plain data, our own.

What is read otherwise than its characters one by one, or written in more ways than one: Cantonese, Hokkien and older
spellings, Korean names as passports have them. Written down by hand for this project; modest on purpose.
"""

from typing import Final

_DOUBLE: Final = (
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 令狐 慕容 司徒 夏侯 端木 남궁 황보 제갈 사공 선우 독고"
)
_FAMILY: Final = """
王 wang wong ong; 李 li lee lei; 张/張 zhang chang cheung teo; 刘/劉 liu lau low; 陈/陳 chen chan tan chin; 杨/楊 yang yeung;
黄/黃 huang wong; 赵/趙 zhao chao chiu; 吴/吳 wu goh; 周 zhou chou chow chew; 徐 xu hsu tsui; 孙/孫 sun suen; 朱 zhu chu;
胡 hu woo; 郭 guo kuo kwok quek; 何 he ho; 林 lin lam lim; 罗/羅 luo lo law; 梁 liang leung; 宋 song sung; 郑/鄭 zheng cheng tay;
谢/謝 xie hsieh tse chia; 唐 tang tong; 许/許 xu hsu hui koh; 邓/鄧 deng teng tang; 冯/馮 feng fung; 曹 cao tsao; 曾 zeng tseng tsang;
萧/蕭 xiao hsiao siu; 蔡 cai tsai choi chua; 潘 pan poon; 叶/葉 ye yeh ip yip yap; 余 yu yee; 吕/呂 lu lv lyu lui; 蒋/蔣 jiang chiang;
单/單 shan; 仇 qiu; 区/區 ou au; 翟 zhai; 解 xie; 查 zha cha; 盖/蓋 ge; 朴 piao park; 冼 xian sin; 缪/繆 miao; 尉迟/尉遲 yuchi;
김 kim; 이 lee yi rhee; 박 park pak; 최 choi choe; 정 jung chung jeong; 강 kang; 조 cho; 윤 yoon yun; 장 jang chang; 임 lim im;
오 oh; 우 woo; 유 yoo yu; 류 ryu; 서 seo suh; 신 shin sin; 권 kwon; 노 noh roh; 구 koo ku; 고 ko koh; 문 moon mun
"""
# The few that half of all Arabic names are of, where consonants alone would take one for another.
_ARABIC: Final = """
محمد muhammad; احمد ahmad; محمود mahmoud; حمد hamad; حامد hamid; علي ali; حسن hassan; حسين hussein; عمر omar umar; عمرو amr;
عثمان osman othman; خالد khaled; يوسف yusuf; ابراهيم ibrahim; اسماعيل ismail; مصطفي mustafa; عبد abd; عبدالله abdullah;
عبدالرحمن abdulrahman; فاطمه fatima; مريم maryam mariam; زينب zainab; عايشه aisha; نور nour noor; ليلي layla leila; سعيد saeed said;
سعد saad; سامي sami; كريم karim; جمال jamal; حمزه hamza; وليد walid; موسي musa moussa; عيسي isa issa; هاني hani; رامي rami;
علاء alaa; رضا reza rida; مهدي mahdi mehdi; هدي huda; سلمي salma; رنا rana; دينا dina; اميره amira; امير amir; انور anwar
"""


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in lines.replace("\n", " ").split(";"):
        written, *said = entry.split()
        found |= dict.fromkeys(written.split("/"), tuple(said))
    return found


DOUBLE: Final = frozenset(_DOUBLE.split())
FAMILY_NAMES: Final = _table(_FAMILY)
ARABIC_NAMES: Final = _table(_ARABIC)
