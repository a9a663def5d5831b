// The part of time that is shown, and what is selected. Whoever draws asks to be told of changes.

const state = {
	begin: 0, end: 1, first: 0, last: 1, // shown, and all that there is
	gils: [],
	gil: null,       // that the tables are about
	lane: null,      // selected
	moment: null,    // {gil, kind, index}
	site: null,      // index into the figures' sites of `gil`
	behind: null,    // a lane that is shown as the other side of the selected one
};
const listeners = {view: [], selection: [], gil: []};

// Nothing happens in less; a double tells nanoseconds apart.
const SHORTEST_NS = 100;

function tell(what) {
	for (const listener of listeners[what])
		listener();
}

let scheduled = false;
function redraw() {
	if (scheduled)
		return;
	scheduled = true;
	requestAnimationFrame(() => {
		scheduled = false;
		tell('view');
	});
}

function show(begin, end) {
	const whole = state.last - state.first;
	const span = Math.min(Math.max(end - begin, Math.min(SHORTEST_NS, whole)), whole);
	const middle = (begin + end) / 2;
	state.begin = Math.min(Math.max(middle - span / 2, state.first), state.last - span);
	state.end = state.begin + span;
	redraw();
}

function showAll() {
	show(state.first, state.last);
}

// `at`: what stays where it is.
function zoom(factor, at = (state.begin + state.end) / 2) {
	const whole = state.last - state.first;
	const span = Math.min(Math.max((state.end - state.begin) * factor, Math.min(SHORTEST_NS, whole)), whole);
	const part = (at - state.begin) / (state.end - state.begin);
	const begin = Math.min(Math.max(at - part * span, state.first), state.last - span);
	show(begin, begin + span);
}

function pan(ns) {
	const span = state.end - state.begin;
	const begin = Math.min(Math.max(state.begin + ns, state.first), state.last - span);
	show(begin, begin + span);
}

function select(change) {
	Object.assign(state, {moment: null, behind: null}, change);
	tell('selection');
	redraw();
}

function chooseGil(gil) {
	if (state.gil === gil)
		return;
	Object.assign(state, {gil, site: null});
	tell('gil');
}

// So that it can be seen among what is around it.
function showMoment(gil, kind, index) {
	const list = gil[kind];
	const length = Math.max(list.end[index] - list.begin[index], 1000);
	chooseGil(gil);
	show(list.begin[index] - length * 0.75, list.end[index] + length * 0.75);
	select({lane: laneOf(gil, kind, index), moment: {gil, kind, index}});
}

function laneOf(gil, kind, index) {
	const number = kind === 'requests' ? gil.requests.lane[index] : gil.places[gil[kind].place[index]][0];
	return gil.lanes[number];
}

function siteOf(gil, kind, index) {
	return kind === 'requests' ? -1 : gil.places[gil[kind].place[index]][1];
}
