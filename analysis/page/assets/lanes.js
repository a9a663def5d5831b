// The lanes in the document: a row for each thread below its GIL, the axis, the overview, and what
// pointer and keys do to them.

const lanesShown = 40; // of one GIL, before somebody asks for all
const visible = new Set();
const rows = new Map(); // lane -> {row, canvas, label, badge}
const overlays = new Map(); // gil -> svg

const watcher = new IntersectionObserver((entries) => {
	for (const entry of entries)
		if (entry.isIntersecting)
			visible.add(entry.target);
		else
			visible.delete(entry.target);
	redraw();
}, {rootMargin: '200px'});

function laneRow(gil, lane) {
	const canvas = element('canvas', {'aria-hidden': 'true'});
	const badge = element('span', {class: 'badge'});
	const figures = lane.figures;
	const words = figures ? `, held ${share(ratio(figures.held_ns, figures.alive_ns))}, waited ${share(ratio(figures.wait_ns, figures.alive_ns))}` : '';
	const label = element('button', {type: 'button', class: 'label', title: `${lane.label}, tid ${lane.tid}${words}`,
		'aria-label': `${lane.label}, tid ${lane.tid}${words}`,
		'aria-pressed': 'false', tabIndex: -1, on: {click: () => chooseLane(gil, state.lane === lane ? null : lane)}},
	element('span', {class: 'name'}, lane.label), badge);
	const row = element('div', {class: 'lane'}, label, canvas);
	canvas.gil = gil;
	canvas.lane = lane;
	rows.set(lane, {row, canvas, label, badge});
	watcher.observe(canvas);
	return row;
}

function gilTitle(gil) {
	const several = gil.process.gils.length > 1;
	return `${processName(gil.process)} · pid ${gil.process.pid}${several ? ` · GIL ${gil.figures.id}` : ''}`;
}

function gilGroup(gil) {
	const body = element('div', {class: 'rows'});
	const overlay = drawing('svg', {class: 'overlay', 'aria-hidden': 'true'});
	const fold = element('button', {type: 'button', class: 'fold', 'aria-expanded': 'true', tabIndex: -1},
		element('span', {class: 'caret', 'aria-hidden': 'true'}), gilTitle(gil));
	fold.addEventListener('click', () => {
		body.hidden = !body.hidden;
		fold.setAttribute('aria-expanded', String(!body.hidden));
		redraw();
	});
	const figures = gil.figures;
	const facts = element('span', {class: 'gil-facts'},
		`held ${share(figures.utilization)} · load ${plain(figures.load)} · waited ${duration(figures.wait_ns)}`);
	const shown = gil.order.length <= lanesShown + 5 ? gil.order.length : lanesShown;
	body.append(...gil.order.slice(0, shown).map((lane) => laneRow(gil, lane)));
	if (shown < gil.order.length) {
		const more = element('button', {type: 'button', class: 'more',
			on: {click: () => {
				more.replaceWith(...gil.order.slice(shown).map((lane) => laneRow(gil, lane)));
				redraw();
			}}}, `Show ${gil.order.length - shown} more threads, which held and waited less`);
		body.append(more);
	}
	body.append(overlay);
	overlays.set(gil, overlay);
	return element('div', {class: 'gil'}, element('div', {class: 'gil-head'}, fold, facts), body);
}

function chooseLane(gil, lane) {
	chooseGil(gil);
	select({lane});
}

function niceStep(span, room) {
	const rough = span / Math.max(1, room);
	const power = 10 ** Math.floor(Math.log10(rough));
	return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function prepare(canvas) {
	const pixel = window.devicePixelRatio || 1;
	const width = Math.round(canvas.clientWidth * pixel);
	const height = Math.round(canvas.clientHeight * pixel);
	if (canvas.width !== width || canvas.height !== height)
		Object.assign(canvas, {width, height});
	const context = canvas.getContext('2d');
	context.setTransform(pixel, 0, 0, pixel, 0, 0);
	context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
	context.font = '11px system-ui, sans-serif';
	context.textBaseline = 'middle';
	return context;
}

// Far in, ticks are told from a full time at the left.
function paintAxis() {
	const canvas = byId('axis');
	const context = prepare(canvas);
	const width = canvas.clientWidth;
	const span = state.end - state.begin;
	const step = niceStep(span, width / 110);
	const relative = step < 1e6 && state.begin > 1e3 * step;
	const origin = relative ? Math.floor(state.begin / (step * 10)) * step * 10 : 0;
	context.fillStyle = colours.text;
	context.strokeStyle = colours.line;
	if (relative) {
		context.font = '600 11px system-ui, sans-serif';
		context.fillText(`from ${moment(origin, step * 10)}`, 4, 8);
		context.font = '11px system-ui, sans-serif';
	}
	context.beginPath();
	for (let i = Math.ceil((state.begin - origin) / step); origin + i * step <= state.end; i++) {
		const x = (origin + i * step - state.begin) / span * width;
		const text = i === 0 && !relative ? '0' : `${relative ? '+' : ''}${axisTime(i * step, step)}`;
		const size = context.measureText(text).width;
		context.moveTo(Math.round(x) + 0.5, relative ? 28 : 20);
		context.lineTo(Math.round(x) + 0.5, 34);
		if (x + 4 + size < width)
			context.fillText(text, x + 4, 25);
	}
	context.stroke();
}

function axisTime(ns, step) {
	const units = [[1e9, 's'], [1e6, 'ms'], [1e3, 'us'], [1, 'ns']];
	const [size, name] = units.find(([unit]) => step >= unit || unit === 1) || units[3];
	const unit = ns >= 1e9 && size === 1e6 ? [1e9, 's'] : [size, name];
	const decimals = Math.max(0, Math.ceil(Math.log10(unit[0] / step) - 1e-9));
	return `${(ns / unit[0]).toFixed(decimals)} ${unit[1]}`;
}

// All of the run: how many threads wait, and how much of the time somebody holds.
function paintOverview() {
	const canvas = byId('overview');
	const context = prepare(canvas);
	const width = canvas.clientWidth;
	const height = canvas.clientHeight;
	const gil = state.gil;
	const whole = state.last - state.first;
	if (!gil)
		return;
	const pixel = window.devicePixelRatio || 1;
	const columns = Math.max(1, Math.round(width * pixel));
	if (!gil.overview || gil.overview.columns !== columns)
		gil.overview = overviewOf(gil, columns, whole);
	const {picture, most} = gil.overview;
	if (picture.colour !== colours.wait)
		drawOverview(gil.overview, height * pixel);
	context.drawImage(picture, 0, 0, width, height);
	const x0 = (state.begin - state.first) / whole * width;
	const x1 = Math.max((state.end - state.first) / whole * width, x0 + 2);
	context.globalAlpha = 0.72;
	context.fillStyle = colours.ground;
	context.fillRect(0, 0, x0, height);
	context.fillRect(x1, 0, width - x1, height);
	context.globalAlpha = 1;
	context.strokeStyle = colours.select;
	context.lineWidth = 1.5;
	context.strokeRect(x0 + 0.75, 0.75, Math.max(1, x1 - x0 - 1.5), height - 1.5);
	context.lineWidth = 1;
	byId('overview-label').textContent = `whole run: waiting threads, up to ${plain(most)}`;
}

function overviewOf(gil, columns, whole) {
	const load = new Float64Array(columns);
	const use = new Float64Array(columns);
	const step = whole / columns;
	for (const lane of gil.lanes)
		for (let x = 0; x < columns; x++) {
			load[x] += within(lane, lane.wait, x * step, (x + 1) * step) / step;
			use[x] += within(lane, lane.held, x * step, (x + 1) * step) / step;
		}
	return {columns, load, use, most: Math.max(0.01, load.reduce((a, b) => Math.max(a, b), 0)), picture: element('canvas')};
}

// Once for as long as size and colours stay.
function drawOverview({columns, load, use, most, picture}, height) {
	Object.assign(picture, {width: columns, height, colour: colours.wait});
	const context = picture.getContext('2d');
	const tall = height * 0.86;
	const low = height * 0.09;
	context.fillStyle = colours.wait;
	for (let x = 0; x < columns; x++)
		context.fillRect(x, height - load[x] / most * tall, 1, load[x] / most * tall);
	context.fillStyle = colours.hold;
	for (let x = 0; x < columns; x++)
		context.fillRect(x, height - use[x] * low, 1, use[x] * low);
}

function sayDetail() {
	const canvas = byId('axis');
	const step = (state.end - state.begin) / Math.max(1, canvas.clientWidth);
	const coarseGils = state.gils.filter((gil) => finer(gil, step) && !gil.whole &&
		!visibleWindows(gil, state.begin, state.end).some(([low, high]) => low <= state.begin && high >= state.end));
	const summed = state.gils.some((gil) => !finer(gil, step));
	const parts = [`In sight: ${duration(state.end - state.begin)}, a pixel is ${duration(step)}.`];
	if (summed)
		parts.push('The height of a bar is the share of its time: exact sums over many holds and waits. Zoom in for single ones.');
	else if (coarseGils.length)
		parts.push(`Pale: known as sums over ${duration(coarseGils[0].bucket_ns)} only, single holds and waits were left out here.`);
	else
		parts.push('Every hold, wait and drop request in sight is drawn by itself.');
	if (state.gils.some((gil) => pairsWithin(gil.gaps, state.begin, state.end).length))
		parts.push('Slanted: events were lost there, and what happened is not known.');
	byId('detail').textContent = parts.join(' ');
	nearestButton(coarseGils[0]);
}

// Leads to where single handoffs are known.
function nearestButton(gil) {
	if (!gil || !gil.windows.length)
		return;
	const middle = (state.begin + state.end) / 2;
	const distance = ([low, high]) => low > middle ? low - middle : high < middle ? middle - high : 0;
	const nearest = gil.windows.reduce((a, b) => distance(a) <= distance(b) ? a : b);
	byId('detail').append(' ', element('button', {type: 'button', class: 'link', on: {click: () => {
		const span = Math.min(state.end - state.begin, nearest[1] - nearest[0]);
		const at = nearest[0] > middle ? nearest[0] : nearest[1] - span;
		show(at, at + span);
	}}}, `Go to the nearest place where all of them are kept (${moment(nearest[0], 1e6)})`));
}

function paintAll() {
	for (const canvas of visible)
		paintLane(canvas, canvas.gil, canvas.lane);
	paintAxis();
	paintOverview();
	paintOverlays();
	sayDetail();
}

function timeAt(canvas, clientX) {
	const box = canvas.getBoundingClientRect();
	return state.begin + (clientX - box.left) / box.width * (state.end - state.begin);
}

// The narrowest moment at a place on the screen, within a few pixels.
function momentAt(canvas, clientX) {
	const {gil, lane} = canvas;
	const at = timeAt(canvas, clientX);
	const near = (state.end - state.begin) / canvas.clientWidth * 3;
	let found = null;
	if (!finer(gil, near / 3))
		return null;
	for (const kind of ['requests', 'holds', 'waits', 'yields'])
		eachVisible(gil, kind, lane.list[kind], at - near, at + near, (index, from, to) => {
			const off = Math.max(from - at, at - to, 0);
			if (off <= near && (!found || off < found.off) && (gil.whole || inWindow(gil, at)))
				found = {gil, kind, index, off};
		});
	return found;
}
