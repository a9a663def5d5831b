// Wheel, drag, touch and keys.

let armed = false; // the pointer has moved here: a page that is being scrolled goes on scrolling

function takeWheel(event) {
	const canvas = event.target.closest('canvas');
	if (!canvas || (!armed && !event.ctrlKey))
		return;
	const span = state.end - state.begin;
	if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
		event.preventDefault();
		pan((event.deltaX || event.deltaY) / canvas.clientWidth * span);
		return;
	}
	const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY * (event.deltaMode ? 0.05 : 0.002))));
	if (factor > 1 && span >= state.last - state.first)
		return; // there is nothing to zoom out of: the page scrolls
	event.preventDefault();
	zoom(factor, canvas.id === 'overview' ? (state.begin + state.end) / 2 : timeAt(canvas, event.clientX));
}

const pointers = new Map();
let drag = null;

function pointerDown(event) {
	const canvas = event.target.closest('canvas');
	if (!canvas || event.button)
		return;
	pointers.set(event.pointerId, event.clientX);
	if (pointers.size === 2) {
		const xs = [...pointers.values()];
		drag = {canvas, pinch: Math.abs(xs[0] - xs[1]), begin: state.begin, end: state.end, moved: true};
		return;
	}
	drag = {canvas, x: event.clientX, begin: state.begin, end: state.end, moved: false, mark: event.shiftKey && canvas.id !== 'overview'};
	canvas.setPointerCapture(event.pointerId);
	if (canvas.id === 'overview')
		centre(canvas, event.clientX);
}

function centre(canvas, clientX) {
	const box = canvas.getBoundingClientRect();
	const at = state.first + (clientX - box.left) / box.width * (state.last - state.first);
	const span = state.end - state.begin;
	if (span < state.last - state.first)
		pan(at - (state.begin + state.end) / 2);
}

function pointerMove(event) {
	armed = true;
	if (pointers.has(event.pointerId))
		pointers.set(event.pointerId, event.clientX);
	if (!drag) {
		hover(event);
		return;
	}
	const span = drag.end - drag.begin;
	if (drag.pinch) {
		const xs = [...pointers.values()];
		if (xs.length === 2) {
			const wide = Math.max(10, Math.abs(xs[0] - xs[1]));
			const middle = (drag.begin + drag.end) / 2;
			show(middle - span / 2 * drag.pinch / wide, middle + span / 2 * drag.pinch / wide);
		}
		return;
	}
	if (drag.canvas.id === 'overview') {
		centre(drag.canvas, event.clientX);
		return;
	}
	const off = event.clientX - drag.x;
	if (Math.abs(off) > 3)
		drag.moved = true;
	if (!drag.moved)
		return;
	hideTip();
	if (drag.mark) {
		markRange(drag.canvas, drag.x, event.clientX);
	} else {
		const begin = drag.begin - off / drag.canvas.clientWidth * span;
		const from = Math.min(Math.max(begin, state.first), state.last - span);
		show(from, from + span);
	}
}

function markRange(canvas, x0, x1) {
	const box = byId('timeline').getBoundingClientRect();
	let band = byId('band');
	if (!band)
		byId('timeline').append(band = element('div', {id: 'band'}));
	band.style.left = `${Math.min(x0, x1) - box.left}px`;
	band.style.width = `${Math.abs(x1 - x0)}px`;
}

function pointerUp(event) {
	pointers.delete(event.pointerId);
	const ended = drag;
	drag = null;
	if (byId('band'))
		byId('band').remove();
	if (!ended || event.type === 'pointercancel' || ended.pinch)
		return;
	if (ended.mark && ended.moved) {
		const [one, other] = [timeAt(ended.canvas, ended.x), timeAt(ended.canvas, event.clientX)];
		show(Math.min(one, other), Math.max(one, other));
	} else if (!ended.moved && ended.canvas.lane) {
		pick(ended.canvas, event.clientX);
	}
}

function pick(canvas, clientX) {
	const found = momentAt(canvas, clientX);
	chooseGil(canvas.gil);
	select({lane: canvas.lane, moment: found && {gil: found.gil, kind: found.kind, index: found.index}});
}

function hideTip() {
	byId('tip').hidden = true;
}

function shareWords(lane, t0, t1) {
	const span = t1 - t0;
	const held = within(lane, lane.held, t0, t1);
	const wait = within(lane, lane.wait, t0, t1);
	const parts = [`holds ${share(held / span)}`, `waits ${share(wait / span)}`];
	if (span >= lane.bucket) {
		parts.push(plural(Math.round(within(lane, lane.holdCount, t0, t1)), 'hold', 'holds'));
		const requests = Math.round(within(lane, lane.requestCount, t0, t1));
		if (requests)
			parts.push(plural(requests, 'drop request', 'drop requests'));
	}
	return parts.join(', ');
}

function hover(event) {
	const canvas = event.target.closest('canvas');
	const tip = byId('tip');
	if (!canvas || !canvas.lane) {
		tip.hidden = true;
		return;
	}
	const {gil, lane} = canvas;
	const found = momentAt(canvas, event.clientX);
	const at = timeAt(canvas, event.clientX);
	const step = (state.end - state.begin) / canvas.clientWidth;
	const lines = [];
	if (found) {
		const words = momentWords(found);
		lines.push(words.title, words.at, words.where);
	} else if (at < lane.begin || at > lane.end) {
		lines.push(lane.label, moment(at, step), 'it is not there');
	} else if (finer(gil, step) && (gil.whole || inWindow(gil, at))) {
		lines.push(lane.label, moment(at, step), gil.figures.held_ns === null ? 'holds the GIL or not, that is not known' :
			inGap(gil, at) ? 'events were lost here: not known' : 'without the GIL');
	} else {
		const wide = Math.max(step * 4, lane.bucket);
		const t0 = Math.floor((at - lane.first) / wide) * wide + lane.first;
		lines.push(lane.label, `${moment(Math.max(t0, 0), step)}, ${duration(Math.round(wide))} of it:`, shareWords(lane, t0, t0 + wide));
	}
	tip.replaceChildren(...lines.filter(Boolean).map((line, i) => element(i ? 'div' : 'strong', {}, line)));
	tip.hidden = false;
	const room = document.documentElement.clientWidth;
	tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, room - tip.offsetWidth - 8)) + scrollX}px`;
	tip.style.top = `${event.clientY + 18 + scrollY}px`;
}

// The next or previous moment of the selected thread, before or after what is selected.
function step(direction, kinds) {
	const gil = state.gil;
	const lane = state.lane || (gil && gil.order[0]);
	if (!lane || !gil.lanes.includes(lane))
		return;
	const middle = (state.begin + state.end) / 2;
	const from = state.moment && state.moment.gil === gil ? gil[state.moment.kind].begin[state.moment.index] : middle;
	const wanted = state.site === null ? () => true : (kind, index) => siteOf(gil, kind, index) === state.site;
	let best = null;
	for (const kind of kinds) {
		const list = lane.list[kind];
		const {begin} = gil[kind];
		let i = firstFrom(list, begin, direction > 0 ? from + 0.5 : from);
		if (direction < 0)
			i--;
		while (i >= 0 && i < list.length && !wanted(kind, list[i]))
			i += direction;
		if (i < 0 || i >= list.length)
			continue;
		const off = Math.abs(begin[list[i]] - from);
		if (!best || off < best.off)
			best = {kind, index: list[i], off};
	}
	if (best)
		reveal(gil, best.kind, best.index);
}

// Shows a moment at the scale that there is, unless it is too small or too large for that.
function reveal(gil, kind, index) {
	const list = gil[kind];
	const length = list.end[index] - list.begin[index];
	const span = state.end - state.begin;
	if (length > span || length < span / 400) {
		showMoment(gil, kind, index);
		return;
	}
	const middle = (list.begin[index] + list.end[index]) / 2;
	if (list.begin[index] < state.begin || list.end[index] > state.end)
		show(middle - span / 2, middle + span / 2);
	select({lane: laneOf(gil, kind, index), moment: {gil, kind, index}});
}

function longestInSight() {
	let best = null;
	for (const gil of state.gils)
		for (let i = 0; i < gil.waits.begin.length; i++) {
			const ns = gil.waits.end[i] - gil.waits.begin[i];
			if (gil.waits.end[i] > state.begin && gil.waits.begin[i] < state.end && (!best || ns > best.ns))
				best = {gil, index: i, ns};
		}
	if (best)
		showMoment(best.gil, 'waits', best.index);
}

function stepLane(direction) {
	const lanes = [...rows].filter(([, entry]) => entry.row.offsetParent);
	if (!lanes.length)
		return;
	const at = lanes.findIndex(([lane]) => lane === state.lane);
	const next = at < 0 ? (direction > 0 ? 0 : lanes.length - 1) : Math.min(Math.max(at + direction, 0), lanes.length - 1);
	const [lane, entry] = lanes[next];
	chooseLane(entry.canvas.gil, lane);
	entry.row.scrollIntoView({block: 'nearest'});
}

function takeKey(event) {
	if (event.ctrlKey || event.altKey || event.metaKey)
		return;
	const span = state.end - state.begin;
	const actions = {
		'+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), _: () => zoom(2),
		ArrowLeft: () => pan(-span * (event.shiftKey ? 0.8 : 0.15)), ArrowRight: () => pan(span * (event.shiftKey ? 0.8 : 0.15)),
		ArrowUp: () => stepLane(-1), ArrowDown: () => stepLane(1), Home: showAll, w: longestInSight,
		n: () => step(1, ['holds', 'waits']), p: () => step(-1, ['holds', 'waits']),
		N: () => step(1, ['waits']), P: () => step(-1, ['waits']),
		Escape: () => {
			state.site = null;
			select({lane: null});
		},
		Enter: () => {
			if (event.target === byId('timeline') && state.moment)
				showMoment(state.moment.gil, state.moment.kind, state.moment.index);
		},
	};
	if (!actions[event.key] || (event.key === 'Enter' && event.target !== byId('timeline')))
		return;
	event.preventDefault();
	actions[event.key]();
}

function takeInput() {
	const timeline = byId('timeline');
	timeline.addEventListener('wheel', takeWheel, {passive: false});
	timeline.addEventListener('pointerdown', pointerDown);
	timeline.addEventListener('pointermove', pointerMove);
	timeline.addEventListener('pointerup', pointerUp);
	timeline.addEventListener('pointercancel', pointerUp);
	timeline.addEventListener('pointerleave', hideTip);
	timeline.addEventListener('keydown', takeKey);
	timeline.addEventListener('dblclick', (event) => {
		const canvas = event.target.closest('canvas');
		if (canvas && canvas.lane && state.moment)
			showMoment(state.moment.gil, state.moment.kind, state.moment.index);
		else if (canvas && canvas.id !== 'overview')
			zoom(0.25, timeAt(canvas, event.clientX));
	});
	addEventListener('scroll', () => {
		armed = false;
		hideTip();
	}, {passive: true});
	byId('zoom-in').addEventListener('click', () => zoom(0.5));
	byId('zoom-out').addEventListener('click', () => zoom(2));
	byId('zoom-all').addEventListener('click', showAll);
	byId('next').addEventListener('click', () => step(1, ['holds', 'waits']));
	byId('previous').addEventListener('click', () => step(-1, ['holds', 'waits']));
}
