"""Sample talk for the pictures, run inside of `loopchat manage shell`: two days of a small team."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from PIL import Image, ImageDraw

from loopchat.accounts import avatars, profiles, tokens
from loopchat.accounts import people as accounts
from loopchat.accounts.models import Application, User
from loopchat.chat import contacting, cursors, messages, personal, rooms
from loopchat.chat.models import Message, Room, RoomEvent
from loopchat.contacts import friends
from loopchat.contacts.models import Privacy
from loopchat.core.clock import now_ms

MINUTE = 60_000
PASSWORD = "@password@"
NAMES = ("Ann", "Ben", "Chloe", "Dmitri", "Emre", "Fatima", "Greta", "Hassan", "Zoe")
people = {name: accounts.create(name, PASSWORD) for name in NAMES}
start = now_ms() - 26 * 60 * MINUTE


def room(name: str, topic: str, owner: str, *members: str, kind: str = "public") -> Room:
    others = [people[member] for member in members]
    return rooms.create(people[owner], kind=kind, name=name, topic=topic, people=others)


def said(where: Room, minutes: float, who: str, text: str, reply: int | None = None) -> int:
    """A message so many minutes after the start; its id."""
    sent = messages.send(where.pk, rooms.actor(people[who]), cid=uuid4(), body=text, reply_to=reply)
    Message.objects.filter(pk=sent.id).update(ts=start + int(minutes * MINUTE))
    return sent.id


def likes(where: Room, message: int, emoji: str, *names: str) -> None:
    for name in names:
        messages.react(
            where.pk, rooms.actor(people[name]), message_id=message, emoji=emoji, on=True
        )


def reads(where: Room, *names: str) -> None:
    """They have seen all that is there so far."""
    head = Room.objects.get(pk=where.pk).head
    for name in names:
        actor = rooms.actor(people[name])
        cursors.advance({(where.pk, actor.id): cursors.Move(actor, read=head, delivered=head)})


def edited(where: Room, message: int, who: str, text: str) -> None:
    messages.edit(where.pk, rooms.actor(people[who]), message_id=message, body=text)


def picture(sky: str, sun: str, hill: str, at: tuple[int, int]) -> str:
    """A small landscape, as the picture of a person."""
    image = Image.new("RGB", (256, 256), sky)
    draw = ImageDraw.Draw(image)
    x, y = at
    draw.ellipse((x - 40, y - 40, x + 40, y + 40), fill=sun)
    draw.ellipse((-90, 130, 190, 400), fill=hill)
    draw.ellipse((90, 165, 390, 420), fill=hill)
    file = BytesIO()
    image.save(file, "PNG")
    return avatars.store(file.getvalue())


everybody = ("Ben", "Chloe", "Dmitri", "Emre", "Fatima", "Hassan")
general = room("General", "Everything that has no room of its own", "Ann", *everybody)
garden = room("Garden", "What grows where, and who waters it", "Ann", "Ben", "Chloe", "Fatima")
release = room("Release 1.0", "What is still missing", "Dmitri", "Ann", "Ben", "Emre")
board = room("Board", "Minutes and votes", "Ann", "Dmitri", kind="private")
visit = room(
    "Open day", "For everybody who wants to see the garden", "Ann", "Chloe", kind="private"
)
room("Books", "Read anything good lately?", "Emre", "Fatima")
ben = rooms.open_direct(people["Ann"], "Ben")
chloe = rooms.open_direct(people["Chloe"], "Ann")
four = [people[name] for name in ("Chloe", "Emre")]
group = rooms.create(people["Ann"], kind="group", name="Friday cake", people=four)
RoomEvent.objects.update(ts=start - 5 * MINUTE)

said(general, 0, "Chloe", "Photos from the offsite: https://photos.example.com/offsite")
said(general, 1, "Chloe", "The one with the canoe is my favourite")
said(general, 6, "Dmitri", "We agreed that nobody would ever see the canoe 😄")
said(general, 1315, "Ann", "Good morning! Is anybody else in early?")
coffee = said(general, 1318, "Ben", "Since seven. The coffee machine is alive again ☕")
likes(general, coffee, "🎉", "Ann", "Chloe", "Emre")
likes(general, coffee, "❤️", "Fatima")
said(general, 1320, "Emre", "That is the best news of the week")
said(
    general, 1322, "Ann", "The plan for this month is in the release room. It is short, I promise."
)
said(general, 1323, "Ann", "Questions are welcome before lunch, please.")
plan = said(general, 1336, "Dmitri", "Read it on the train. Two questions, I wrote them there.")
said(general, 1340, "Ann", "Perfect, answers in an hour.", plan)
said(general, 1345, "Hassan", "Canoes! Cheap canoes! Write to me!")
reads(general, "Ann")
said(general, 1551, "Fatima", "I am in from noon.")
said(general, 1553, "Ben", "Then we are complete at noon. Call at one?")
said(general, 1554, "Chloe", "👍")

messages.pin(general.pk, rooms.actor(people["Ann"]), message_id=plan, on=True)
said(garden, 1200, "Fatima", "The beans are up!")
said(garden, 1201, "Fatima", "All of them, even the row next to the shed.")
beans = said(garden, 1210, "Ben", "Even after I stepped on them?")
said(garden, 1212, "Fatima", "Especially those. They like the attention.", beans)
said(garden, 1214, "Ann", "🌱🌱🌱")
water = said(garden, 1500, "Chloe", "Who waters on Saturday? I am away until Monday.")
likes(garden, water, "🙏", "Ben")
said(garden, 1506, "Ann", "I can. Morning or evening?", water)
reads(garden, "Ben", "Fatima")
said(garden, 1509, "Chloe", "Evening is better, it will be hot. The key is under the blue pot.")
said(garden, 1510, "Chloe", "Thank you!")
reads(garden, "Ann", "Chloe")
personal.save(rooms.actor(people["Ann"]), garden.pk, water, on=True)

todo = said(release, 1100, "Ann", "Left to do: the upgrade notes, three reports.")
edited(release, todo, "Ann", "Left to do:\n\n- the upgrade notes\n- **two** reports\n- a name")
said(release, 1104, "Dmitri", "I take the reports. The first one is reproduced: it was the clock.")
said(release, 1105, "Ben", "It is always the clock.")
code = said(
    release,
    1400,
    "Dmitri",
    "The second one too. It was *not* the clock:\n\n"
    "```python\ndef next_turn(now: float, turns: list[float]) -> float:\n"
    '    """The first turn after now."""\n'
    "    return min(turn for turn in turns if turn > now)\n```\n\n"
    "`min()` of nothing at midnight.",
)
likes(release, code, "🕛", "Ann", "Ben", "Emre")
likes(release, code, "👏", "Ann")
said(
    release,
    1408,
    "Ann",
    "> `min()` of nothing at midnight\n\nNice find! So we need a test for the ~~clock~~ calendar. "
    "The notes are at https://example.com/notes, ||the name too||.",
)
messages.delete(
    release.pk,
    rooms.actor(people["Ben"]),
    message_id=said(release, 1410, "Ben", "Wrong room, sorry"),
)
said(release, 1540, "Emre", "And the name? @Ann, it was your turn.")
said(release, 1541, "Ann", "Tomorrow. I promise.")
reads(release, "Ann", "Ben", "Dmitri", "Emre")
MINUTES = """**Minutes of Tuesday**

Present: Ann, Dmitri. Chloe sends her regards, and a cake.

1. The fence stays where it is. It was measured twice.
2. The shed gets a new roof before the winter. Ben asks for prices.
3. The open day is on Saturday. Everybody brings a chair.
4. The beans are nobody's property. They were not asked.
5. The key of the shed hangs behind the door again, not in it.
6. The rain barrel has a hole. It is a small hole, and a large barrel.

> We lend tools to everybody who brings them back.

The till holds 214.20; the seeds cost 61.80, the cake was free. Two votes were taken, both with \
one abstention, and both times it was the cat.

The next meeting is on the first Tuesday of the month, in the shed when it rains and under the \
pear tree when it does not. Whoever comes first lights the stove, whoever leaves last looks \
whether it is out. That is not the same person, as we found out in March.
"""
said(board, 900, "Dmitri", "The minutes of Tuesday:")
said(board, 901, "Dmitri", MINUTES)
said(board, 940, "Dmitri", "Anything that I forgot?")

said(visit, 1240, "Ann", "Welcome! We open the gate on **Saturday at ten**.")
said(visit, 1242, "Ann", "- bring boots\n- there is cake\n- the beans may be talked to")
cake = said(visit, 1300, "Chloe", "I made signs, so that nobody ends up in the compost.")
likes(visit, cake, "😄", "Ann")
reads(visit, "Ann", "Chloe")
said(ben, 1290, "Ann", "Do you have the keys to the archive?")
said(ben, 1296, "Ben", "On my desk, in the blue tin.")
said(ben, 1297, "Ben", "Take the small one, the big one only opens the bike shed.")
said(ben, 1301, "Ann", "Found it, thank you!")
lunch = said(ben, 1530, "Ann", "Lunch at the river? https://example.com/menu")
said(ben, 1534, "Ben", "Yes! Table for four?", lunch)
said(ben, 1535, "Ann", "Four. Chloe and Emre are in.")
reads(ben, "Ann", "Ben")
said(group, 1380, "Emre", "Cake on Friday? It is somebody's birthday 🎂")
said(group, 1384, "Ann", "I bake, if Chloe brings the candles.")
said(group, 1385, "Chloe", "How many?")
said(group, 1386, "Emre", "Do not ask.")
reads(group, "Ann", "Chloe", "Emre")
said(chloe, 1512, "Chloe", "Can you feed the cat as well? 🐈")

Privacy.objects.update_or_create(user=people["Ann"], defaults={"write": Privacy.Writers.FRIENDS})
zoe = rooms.open_direct(people["Zoe"], "Ann")
said(zoe, 1500, "Zoe", "Hello Ann, we met at the seed market. Do you still have beans to swap?")
friends.request(people["Ben"], people["Ann"])
friends.accept(people["Ann"], people["Ben"])
friends.request(people["Ann"], people["Chloe"])
friends.accept(people["Chloe"], people["Ann"])
friends.request(people["Emre"], people["Ann"], "We share a desk on Mondays")
friends.request(people["Ann"], people["Fatima"])

contacting.block(rooms.actor(people["Ann"]), "Hassan", on=True)

LOOKS = {
    "Ann": ("#f6c177", "#fff1c9", "#7a9e7e", (180, 80)),
    "Ben": ("#9ccfd8", "#f2f7f5", "#31748f", (80, 90)),
    "Chloe": ("#eb6f92", "#ffe0c2", "#6e4a7e", (150, 100)),
    "Emre": ("#c4a7e7", "#f6e6ff", "#393552", (90, 70)),
}
for name, look in LOOKS.items():
    profiles.set_avatar(people[name], picture(*look))
profiles.change(
    people["Ben"],
    profiles.Change(
        about="Coffee, clocks, canoes. In the office from seven.",
        status_emoji="🛶",
        status_text="At the river until two",
        time_zone="Europe/Lisbon",
    ),
)
profiles.change(people["Ann"], profiles.Change(about="Plans, and beans."))
TOTP.activate(people["Hassan"], generate_totp_secret())
tokens.create(people["Ann"], label="The weather station")
for name, address in (("Ida", "ida@example.org"), ("Jonas", "jonas@example.org")):
    waiting = accounts.create(name, uuid4().hex)
    User.objects.filter(pk=waiting.pk).update(email=address, is_active=False)
    Application.objects.create(user=waiting, needs_approval=True)
Room.objects.update(updated_ts=now_ms())
