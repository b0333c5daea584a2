"""Which address shows what?"""

urlpatterns: list[object] = []
