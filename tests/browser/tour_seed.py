"""Sample talk for the pictures, run inside of `loopchat manage shell`: two days of a small team."""

from __future__ import annotations

from uuid import uuid4

from loopchat.accounts.models import User
from loopchat.chat import messages, rooms
from loopchat.chat.models import Message, Room, RoomEvent
from loopchat.core.clock import now_ms

MINUTE = 60_000
people = {person.username: person for person in User.objects.all()}
start = now_ms() - 26 * 60 * MINUTE


def room(name: str, topic: str, owner: str, *members: str, kind: str = "public") -> Room:
    others = [people[member] for member in members]
    return rooms.create(people[owner], kind=kind, name=name, topic=topic, people=others)


def said(where: Room, minutes: float, who: str, text: str, reply: int | None = None) -> int:
    """A message so many minutes after the start; its id."""
    sent = messages.send(where.pk, people[who], cid=uuid4(), body=text, reply_to=reply)
    Message.objects.filter(pk=sent.id).update(ts=start + int(minutes * MINUTE))
    return sent.id


def likes(where: Room, message: int, emoji: str, *names: str) -> None:
    for name in names:
        messages.react(
            where.pk, rooms.actor(people[name]), message_id=message, emoji=emoji, on=True
        )


everybody = ("Ben", "Chloe", "Dmitri", "Emre", "Fatima")
general = room("General", "Everything that has no room of its own", "Ann", *everybody)
garden = room("Garden", "What grows where, and who waters it", "Ann", "Ben", "Chloe", "Fatima")
release = room("Release 1.0", "What is still missing", "Dmitri", "Ann", "Ben", "Emre")
board = room("Board", "Minutes and votes", "Ann", "Dmitri", kind="private")
room("Books", "Read anything good lately?", "Emre", "Fatima")
ben = rooms.open_direct(people["Ann"], "Ben")
chloe = rooms.open_direct(people["Chloe"], "Ann")
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
said(general, 1551, "Fatima", "I am in from noon.")
said(general, 1553, "Ben", "Then we are complete at noon. Call at one?")
said(general, 1554, "Chloe", "👍")

said(garden, 1200, "Fatima", "The beans are up!")
said(garden, 1201, "Fatima", "All of them, even the row next to the shed.")
beans = said(garden, 1210, "Ben", "Even after I stepped on them?")
said(garden, 1212, "Fatima", "Especially those. They like the attention.", beans)
said(garden, 1214, "Ann", "🌱🌱🌱")
water = said(garden, 1500, "Chloe", "Who waters on Saturday? I am away until Monday.")
likes(garden, water, "🙏", "Ben")
said(garden, 1506, "Ann", "I can. Morning or evening?", water)
said(garden, 1509, "Chloe", "Evening is better, it will be hot. The key is under the blue pot.")
said(garden, 1510, "Chloe", "Thank you!")

said(release, 1100, "Ann", "Left to do: the upgrade notes, two reports, and a name.")
said(release, 1104, "Dmitri", "I take the reports. The first one is reproduced: it was the clock.")
said(release, 1105, "Ben", "It is always the clock.")
said(release, 1400, "Dmitri", "The second one too. It was not the clock.")
said(release, 1540, "Emre", "And the name?")
said(board, 900, "Dmitri", "The minutes of Tuesday are in the folder.")

said(ben, 1290, "Ann", "Do you have the keys to the archive?")
said(ben, 1296, "Ben", "On my desk, in the blue tin.")
said(ben, 1297, "Ben", "Take the small one, the big one only opens the bike shed.")
said(ben, 1301, "Ann", "Found it, thank you!")
lunch = said(ben, 1530, "Ann", "Lunch at the river? https://example.com/menu")
said(ben, 1534, "Ben", "Yes! Table for four?", lunch)
said(ben, 1535, "Ann", "Four. Chloe and Emre are in.")
said(chloe, 1512, "Chloe", "Can you feed the cat as well? 🐈")
Room.objects.update(updated_ts=now_ms())
