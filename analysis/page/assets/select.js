// What is selected, in words and in the picture: who blocks whom.

const connectionsDrawn = 60;

function momentWords({gil, kind, index}) {
	const list = gil[kind];
	const lane = laneOf(gil, kind, index);
	const length = list.end[index] - list.begin[index];
	const site = siteOf(gil, kind, index);
	const where = site >= 0 && gil.figures.sites[site].kind === 'line' ? gil.names[site] : null;
	const at = `at ${moment(list.begin[index], 1)}`;
	if (kind === 'requests') {
		const asked = list.asked[index] ? gil.lanes[list.asked[index] - 1].label : 'nobody known';
		return {title: `${lane.label} asks ${asked} to drop the GIL`, length: null, at, where: null};
	}
	if (list.unknown && list.unknown[index])
		return {title: `${lane.label} ${kind === 'holds' ? 'holds the GIL' : 'waits'}, ${list.unknown[index] & 1 ? 'since before what is recorded' : 'until nobody knows when'}`,
			length: null, at, where};
	const title = {holds: 'holds the GIL for', waits: 'waits for the GIL for', yields: 'is kept by a forced switch for'}[kind];
	return {title: `${lane.label} ${title} ${duration(length)}`, length, at, where};
}

function byLaneSums(parts) {
	const sums = new Map();
	for (const part of parts) {
		const sum = sums.get(part.lane) || {ns: 0, holds: 0};
		sums.set(part.lane, {ns: sum.ns + part.ns, holds: sum.holds + 1});
	}
	return [...sums].sort((a, b) => b[1].ns - a[1].ns);
}

// Waits of other threads while this hold went on.
function blocked(gil, hold) {
	const begin = gil.holds.begin[hold];
	const end = gil.holds.end[hold];
	const own = gil.places[gil.holds.place[hold]][0];
	const parts = [];
	for (const kind of ['waits', 'yields'])
		for (const lane of gil.lanes) {
			if (lane.index === own)
				continue;
			eachVisible(gil, kind, lane.list[kind], begin, end, (index, from, to) => {
				const ns = Math.min(to, end) - Math.max(from, begin);
				if (ns > 0)
					parts.push({kind, index, lane: lane.index, ns, begin: Math.max(from, begin), end: Math.min(to, end)});
			});
		}
	return parts;
}

function waitPanel({gil, kind, index}) {
	const list = gil[kind];
	const begin = list.begin[index];
	const end = list.end[index];
	const whole = gil.whole || visibleWindows(gil, begin, end).some(([low, high]) => low <= begin && high >= end);
	if (!whole)
		return roughPanel(gil, laneOf(gil, kind, index), begin, end);
	const parts = blockers(gil, begin, end);
	const held = parts.reduce((sum, part) => sum + part.ns, 0);
	const items = byLaneSums(parts).map(([lane, sum]) => element('li', {},
		element('button', {type: 'button', class: 'link', on: {click: () => {
			const largest = parts.filter((part) => part.lane === lane).reduce((a, b) => a.ns >= b.ns ? a : b);
			select({lane: gil.lanes[lane], moment: {gil, kind: 'holds', index: largest.hold}});
		}}}, gil.lanes[lane].label), ` held it for ${duration(sum.ns)} of that, in ${plural(sum.holds, 'hold', 'holds')}`));
	const rest = end - begin - held;
	if (rest > 0)
		items.push(element('li', {}, gil.figures.held_ns === null ? `who held it for ${duration(rest)} is not known`
			: pairsWithin(gil.gaps, begin, end).length ? `free, or held while events were lost: ${duration(rest)}`
				: `free, on its way from one thread to the next: ${duration(rest)}`));
	return element('ul', {class: 'blockers'}, ...items);
}

// Where single holds were left out there are still the sums of the buckets.
function roughPanel(gil, own, begin, end) {
	const sums = gil.lanes.map((lane) => [lane, within(lane, lane.held, begin, end)])
		.filter(([lane, ns]) => lane !== own && ns >= 1).sort((a, b) => b[1] - a[1]);
	return element('div', {}, element('ul', {class: 'blockers'}, ...sums.map(([lane, ns]) => element('li', {}, lane.label, ` held it for about ${duration(Math.round(ns))} of that`))),
		element('p', {class: 'note'}, `Some of the single holds in it were left out; this is from sums over ${duration(gil.bucket_ns)}. The rest of the time it was free, on its way from one thread to the next.`));
}

function holdPanel({gil, index}) {
	const parts = blocked(gil, index);
	const asked = gil.holds.asked[index];
	const facts = [];
	if (asked)
		facts.push(element('li', {}, `it was asked to let go ${duration(asked)} before its end`));
	for (const [lane, sum] of byLaneSums(parts))
		facts.push(element('li', {}, element('button', {type: 'button', class: 'link',
			on: {click: () => select({lane: gil.lanes[lane]})}}, gil.lanes[lane].label), ` waited for ${duration(sum.ns)} meanwhile`));
	if (!parts.length)
		facts.push(element('li', {}, 'nobody waited meanwhile'));
	return element('ul', {class: 'blockers'}, ...facts);
}

function blameOf(gil, lane, mine, other) {
	return gil.figures.blame.filter((entry) => entry[mine] === lane.tid && typeof entry[other] === 'number' && entry[other] !== lane.tid);
}

function lanePanel(gil, lane) {
	const figures = lane.figures;
	const box = element('div', {});
	box.append(element('h3', {}, lane.label, ' ', element('small', {}, `tid ${lane.tid}`)));
	if (!figures) {
		box.append(element('p', {}, 'It has no part in what the figures are about.'));
		return box;
	}
	box.append(element('p', {}, `held ${duration(figures.held_ns)} (${share(ratio(figures.held_ns, figures.alive_ns))} of its life), waited ${duration(figures.wait_ns)} (${share(ratio(figures.wait_ns, figures.alive_ns))}), took the GIL ${plural(figures.acquisitions, 'time', 'times')}`));
	const list = (title, entries, key) => entries.length ? element('div', {}, element('h4', {}, title),
		element('ul', {class: 'blockers'}, ...entries.sort((a, b) => b.wait_ns - a.wait_ns).slice(0, 8).map((entry) => {
			const other = gil.lanes.find((one) => one.tid === entry[key]);
			return element('li', {}, other ? other.label : `tid ${entry[key]}`, ` ${duration(entry.wait_ns)}`);
		}))) : null;
	box.append(element('div', {class: 'columns'},
		list('It waited behind', blameOf(gil, lane, 'waiter', 'holder'), 'holder') || element('p', {}, 'It waited behind nobody.'),
		list('Behind it waited', blameOf(gil, lane, 'holder', 'waiter'), 'waiter') || element('p', {}, 'Nobody waited behind it.')));
	return box;
}

function saySelection() {
	const panel = byId('selection');
	const chosen = state.moment;
	panel.replaceChildren();
	for (const [lane, {row, label, badge}] of rows) {
		row.classList.toggle('selected', state.lane === lane);
		row.classList.toggle('other', state.behind === lane);
		label.setAttribute('aria-pressed', String(state.lane === lane));
		badge.textContent = badgeOf(lane);
	}
	if (chosen) {
		const words = momentWords(chosen);
		panel.append(element('h3', {}, words.title), element('p', {class: 'note'},
			[words.at, words.length === null ? null : exact(words.length), words.where].filter(Boolean).join(' · ')));
		if (words.length !== null && chosen.kind !== 'requests')
			panel.append(chosen.kind === 'holds' ? holdPanel(chosen) : waitPanel(chosen));
	} else if (state.lane && state.gil) {
		panel.append(lanePanel(state.gil, state.lane));
	} else if (state.gils.length) {
		panel.append(element('p', {class: 'note'}, 'Select a thread, or a hold or wait, to see who blocks whom.'));
	}
}

// Beside the other threads' names: how long these kept the selected one waiting.
function badgeOf(lane) {
	const gil = state.gil;
	if (!gil || !state.lane || state.moment || lane === state.lane || !gil.lanes.includes(lane))
		return '';
	const entry = gil.figures.blame.find((one) => one.waiter === state.lane.tid && one.holder === lane.tid);
	return entry ? `blocks it ${duration(entry.wait_ns)}` : '';
}

function place(lane) {
	const entry = rows.get(lane);
	return entry && entry.row.offsetParent ? {top: entry.canvas.offsetTop, height: entry.canvas.offsetHeight,
		left: entry.canvas.offsetLeft, width: entry.canvas.offsetWidth} : null;
}

function xOf(box, ns) {
	return Math.min(Math.max((ns - state.begin) / (state.end - state.begin), -0.01), 1.01) * box.width;
}

function outline(box, begin, end, name) {
	const x = xOf(box, begin);
	return drawing('rect', {class: name, x: x - 1, y: box.top - 1, width: Math.max(3, xOf(box, end) - x + 2), height: box.height + 2, rx: 2});
}

// A line from where one thread holds to where the other waits.
function connection(from, to, begin, end) {
	const x = (xOf(from, begin) + xOf(from, end)) / 2;
	const y0 = from.top + from.height / 2;
	const y1 = to.top + to.height / 2;
	return drawing('g', {class: 'connection'}, drawing('circle', {cx: x, cy: y0, r: 3}),
		drawing('path', {'marker-end': 'url(#arrow)', d: `M${x},${y0} L${x},${y1}`}));
}

function paintOverlays() {
	for (const [gil, overlay] of overlays) {
		overlay.replaceChildren();
		const first = rows.get(gil.order[0]);
		if (!first || !first.row.offsetParent)
			continue;
		overlay.style.left = `${first.canvas.offsetLeft}px`;
		overlay.style.width = `${first.canvas.offsetWidth}px`;
		const chosen = state.moment;
		if (!chosen || chosen.gil !== gil)
			continue;
		overlay.append(drawing('defs', {}, drawing('marker', {id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4,
			markerWidth: 7, markerHeight: 7, orient: 'auto'}, drawing('path', {class: 'head', d: 'M0,0 L8,4 L0,8 z'}))));
		paintConnections(overlay, chosen);
	}
}

function paintConnections(overlay, {gil, kind, index}) {
	const own = place(laneOf(gil, kind, index));
	if (!own)
		return;
	const list = gil[kind];
	overlay.append(outline(own, list.begin[index], list.end[index], 'chosen'));
	if (kind === 'requests') {
		const asked = list.asked[index] ? place(gil.lanes[list.asked[index] - 1]) : null;
		if (asked)
			overlay.append(connection(own, asked, list.begin[index], list.begin[index]));
		return;
	}
	if (!state.moment.parts)
		state.moment.parts = (kind === 'holds' ? blocked(gil, index) : blockers(gil, list.begin[index], list.end[index])).sort((a, b) => b.ns - a.ns);
	const parts = state.moment.parts.filter((part) => part.end > state.begin && part.begin < state.end).slice(0, connectionsDrawn);
	for (const part of parts) {
		const other = place(gil.lanes[part.lane]);
		if (!other || gil.lanes[part.lane] === laneOf(gil, kind, index))
			continue;
		const begin = Math.max(part.begin, state.begin);
		const end = Math.min(part.end, state.end);
		overlay.append(outline(other, begin, end, 'part'));
		overlay.append(kind === 'holds' ? connection(own, other, begin, end) : connection(other, own, begin, end));
	}
}
