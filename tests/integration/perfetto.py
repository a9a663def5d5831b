"""Reads Perfetto's format back with Google's own protobuf, and puts slices together as its viewer does."""
import collections
import importlib
import pathlib
import subprocess
import sys

BEGIN, END, INSTANT, COUNTER = 1, 2, 3, 4
Slice = collections.namedtuple("Slice", "track category name begin end notes flows flow_ends")


def parser(folder):
    """The module that protoc makes of perfetto.proto."""
    here = pathlib.Path(__file__).parent
    subprocess.run(
        ["protoc", "--proto_path=%s" % here, "--python_out=%s" % folder, "perfetto.proto"], check=True, timeout=60)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("perfetto_pb2")
    finally:
        sys.path.remove(str(folder))


class Perfetto:
    """Everything of a trace, by name; fails where something is referred to that is not there."""

    def __init__(self, module, data):
        trace = module.Trace.FromString(data)
        trace.DiscardUnknownFields()
        assert trace.ByteSize() == len(data), "there are fields that perfetto.proto does not know"
        snapshot, first = trace.packet[0], trace.packet[1]
        (clock,) = snapshot.clock_snapshot.clocks
        assert clock.id == snapshot.clock_snapshot.primary == first.defaults.timestamp_clock == 3
        assert first.first and first.sequence_flags == 1
        self.categories = self.table(first.interned.categories)
        self.names = self.table(first.interned.event_names)
        self.notes = self.table(first.interned.note_names)
        self.strings = {iid: text.decode() for iid, text in self.table(first.interned.note_strings).items()}
        self.tracks, self.slices, self.instants, self.counters = {}, [], [], collections.defaultdict(list)
        events = []
        for packet in trace.packet[2:]:
            assert packet.sequence == first.sequence
            if packet.HasField("track"):
                assert not events, "tracks come before what is on them"
                assert packet.track.uuid not in self.tracks
                self.tracks[packet.track.uuid] = packet.track
            else:
                assert packet.timestamp >= clock.timestamp and packet.sequence_flags == 2
                events.append(packet)
        for track in self.tracks.values():
            assert not track.parent or track.parent in self.tracks
        events.sort(key=lambda packet: packet.timestamp)  # stable, as the viewer's
        self.replay(events)

    @staticmethod
    def table(entries):
        table = {entry.iid: entry.text for entry in entries}
        assert len(table) == len(entries)
        return table

    def note(self, note):
        value = self.strings[note.string_iid] if note.HasField("string_iid") else note.number
        return self.notes[note.name_iid], value

    def replay(self, events):
        open_on = collections.defaultdict(list)
        for packet in events:
            event = packet.event
            assert event.track in self.tracks
            if event.type == COUNTER:
                self.counters[event.track].append((packet.timestamp, event.value))
                continue
            if event.type == END:
                begun, begin = open_on[event.track].pop()
                self.add(begun, begin, packet.timestamp)
                continue
            assert event.name_iid in self.names
            if event.type == BEGIN:
                assert not open_on[event.track], "slices of a thread do not overlap"
                open_on[event.track].append((event, packet.timestamp))
            else:
                self.add(event, packet.timestamp, None, self.instants)
        for left in open_on.values():
            for event, begin in left:
                self.add(event, begin, None)

    def add(self, event, begin, end, into=None):
        (category,) = (self.categories[iid] for iid in event.category_iids)
        (self.slices if into is None else into).append(Slice(
            event.track, category, self.names[event.name_iid], begin, end,
            dict(self.note(note) for note in event.notes), list(event.flows), list(event.flow_ends)))

    def total(self, track, *categories):
        return sum(one.end - one.begin for one in self.slices
                   if one.track == track and one.category in categories and one.end)
