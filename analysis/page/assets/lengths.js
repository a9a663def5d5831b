// How long holds and waits are: by length on a logarithmic scale, with the switch interval.

function lengthsOf(gil, kind) {
	const lanes = state.lane && gil.lanes.includes(state.lane) ? [state.lane] : gil.lanes;
	const sums = new Map();
	for (const lane of lanes)
		for (const [least, number] of lane.lengths[kind])
			sums.set(least, (sums.get(least) || 0) + number);
	return [...sums].sort((a, b) => a[0] - b[0]);
}

// Eight buckets for every doubling, see analysis/page/story.h.
function bucketEnd(least) {
	return least < 8 ? least + 1 : least + 2 ** (Math.floor(Math.log2(least)) - 3);
}

function lengthChart(gil, kind, title, from, to) {
	const buckets = lengthsOf(gil, kind);
	const all = buckets.reduce((sum, [, number]) => sum + number, 0);
	const [width, height, left, bottom] = [560, 190, 8, 26];
	const x = (ns) => left + (Math.log10(Math.max(ns, 1)) - from) / (to - from) * (width - 2 * left);
	const most = Math.max(1, ...buckets.map(([, number]) => number));
	const tall = height - bottom - 24;
	const chart = drawing('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img',
		'aria-label': `${title}: ${all} in all; the table below has the figures`});
	for (let power = Math.ceil(from); power <= to; power++) {
		const at = x(10 ** power);
		chart.append(drawing('line', {class: 'grid', x1: at, x2: at, y1: 20, y2: height - bottom}));
		const text = drawing('text', {x: at, y: height - 9, 'text-anchor': power === Math.ceil(from) ? 'start' : power === to ? 'end' : 'middle'});
		text.textContent = duration(10 ** power).replace('.00', '').replace(/^(\d+)\.0 /, '$1 ');
		chart.append(text);
	}
	for (const [least, number] of buckets) {
		const x0 = x(least);
		const bar = drawing('rect', {class: kind === 'holds' ? 'hold' : 'wait', x: x0, width: Math.max(1, x(bucketEnd(least)) - x0 - 0.4),
			y: height - bottom - Math.max(1.5, number / most * tall), height: Math.max(1.5, number / most * tall)});
		const tip = drawing('title');
		tip.textContent = `${duration(least)} to ${duration(bucketEnd(least))}: ${count(number)}`;
		bar.append(tip);
		chart.append(bar);
	}
	chart.append(drawing('line', {class: 'base', x1: left, x2: width - left, y1: height - bottom, y2: height - bottom}));
	const interval = gil.figures.interval_us;
	if (interval) {
		const at = x(interval * 1000);
		chart.append(drawing('line', {class: 'interval', x1: at, x2: at, y1: 14, y2: height - bottom}));
		const text = drawing('text', {class: 'interval', x: at > width / 2 ? at - 5 : at + 5, y: 13, 'text-anchor': at > width / 2 ? 'end' : 'start'});
		text.textContent = `switch interval ${duration(interval * 1000)}`;
		chart.append(text);
	}
	return element('figure', {}, element('figcaption', {}, title, ' ', element('small', {}, all ? `${count(all)}, the highest bar ${count(most)}` : kind === 'holds' && gil.figures.held_ns === null ? 'holds are not known' : 'none')), chart);
}

function timesTable(gil) {
	const figures = gil.figures;
	const one = (name, distribution) => ({name, ...distribution});
	const rows = [one('hold', figures.hold), one('wait', figures.wait), one('handoff', figures.handoff), one('drop latency', figures.drop_latency)];
	const ns = (key, title) => ({key, title, number: true, value: (row) => row[key], text: (row) => row.count === 0 ? '' : duration(row[key]),
		hover: (row) => row[key] === null ? '' : exact(row[key])});
	return sortedTable({label: 'times', filter: false, rows, columns: [
		{key: 'name', title: 'what', text: (row) => row.name},
		{key: 'count', title: 'count', number: true, value: (row) => row.count, text: (row) => count(row.count)},
		ns('total_ns', 'total'), ns('mean_ns', 'mean'), ns('p50_ns', 'p50'), ns('p90_ns', 'p90'), ns('p99_ns', 'p99'), ns('max_ns', 'max')]});
}

function fillLengths() {
	const gil = state.gil;
	if (!gil)
		return;
	const whose = state.lane && gil.lanes.includes(state.lane) ? ` of ${state.lane.label}` : '';
	const edges = [...lengthsOf(gil, 'holds'), ...lengthsOf(gil, 'waits')].map(([least]) => least);
	const from = Math.floor(Math.log10(Math.max(1, Math.min(1e3, ...edges))));
	const to = Math.ceil(Math.log10(Math.max(1e7, ...edges.map(bucketEnd), (gil.figures.interval_us || 0) * 2000)));
	byId('lengths').replaceChildren(
		element('div', {class: 'charts'}, lengthChart(gil, 'holds', `Holds${whose}`, from, to), lengthChart(gil, 'waits', `Waits${whose}`, from, to)),
		element('p', {class: 'note'}, 'How many there are of each length; the scale is logarithmic, eight bars for every doubling. Of the whole GIL, exactly:'),
		timesTable(gil));
}

function frameText(frame, modules) {
	if (frame.module === undefined)
		return `${frame.file ? clean(frame.file) : '?'}:${frame.line || '?'} ${clean(frame.function || '')}`;
	const name = frame.function ? clean(frame.function) : `0x${frame.offset.toString(16)}`;
	const module = frame.module === null ? '' : ` (${clean(modules[frame.module].path.split('/').pop())})`;
	return `${name}${module}`;
}

function fillStacks() {
	const gil = state.gil;
	const stacks = gil ? gil.figures.stacks || [] : [];
	byId('stacks-part').hidden = !stacks.length;
	const lanes = gil ? gil.figures.threads : [];
	byId('stacks').replaceChildren(...stacks.slice(0, 30).map((stack) => {
		const thread = lanes.find((one) => one.tid === stack.thread);
		const title = `${stack.kind === 'hold' ? 'hold' : 'wait'}s of ${thread && thread.name ? clean(thread.name) : `tid ${stack.thread}`}: ${count(stack.count)}, ${duration(stack.total_ns)} in all, longest ${duration(stack.max_ns)}`;
		const frames = [...(stack.python || []), ...(stack.native || [])];
		return element('details', {}, element('summary', {}, title),
			element('ol', {class: 'frames'}, ...frames.map((frame) => element('li', {}, frameText(frame, gil.process.modules || [])))));
	}));
}
