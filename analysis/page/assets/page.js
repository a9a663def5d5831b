// Puts the page together.

const severities = {none: 'fine', low: 'low', moderate: 'moderate', high: 'high', unknown: 'unknown'};

function fillHead() {
	const {trace} = report;
	const main = report.processes[0];
	byId('what').textContent = main ? clean(main.command || main.executable || '') : '';
	const facts = [];
	if (main && main.implementation)
		facts.push(['Python', clean(`${main.implementation} ${main.version}`.trim())]);
	if (trace.begin_ns)
		facts.push(['recorded', new Date(trace.begin_ns / 1e6).toISOString().slice(0, 19).replace('T', ' ') + ' UTC']);
	facts.push(['time', duration(trace.duration_ns)], ['events', count(trace.events)]);
	if (report.processes.length > 1)
		facts.push(['processes', count(report.processes.length)]);
	if (report.region)
		facts.push(['region', clean(report.region)]);
	byId('facts').replaceChildren(...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))));
	document.title = `${main ? processName(main) : 'trace'} - giltrace`;
}

function fillDoubts() {
	const box = byId('doubts');
	box.hidden = !report.doubts.length;
	box.classList.toggle('mild', report.trace.complete);
	if (report.doubts.length)
		box.append(element('h2', {}, report.trace.complete ? 'To be read with care' : 'This recording is not complete'),
			element('ul', {}, ...report.doubts.map((doubt) => element('li', {}, clean(doubt.text)))));
}

function verdictCard(verdict, title, figures) {
	const card = element('div', {class: `verdict ${severities[verdict.severity] || 'unknown'}`});
	if (title)
		card.append(element('p', {class: 'of'}, title));
	card.append(element('p', {class: 'sentence'}, clean(verdict.sentence)));
	if (verdict.next)
		card.append(element('p', {class: 'next'}, clean(verdict.next)));
	if (figures)
		card.append(element('dl', {class: 'key'}, ...figures.map(([name, value, hint]) => element('div', {title: hint}, element('dd', {}, value), element('dt', {}, name)))));
	return card;
}

function keyFigures(gil) {
	return [
		['held', share(gil.utilization), 'Part of the time in which some thread had the GIL'],
		['contended', share(gil.contention), 'Part of the time in which some thread waited for it'],
		['waiting on average', plain(gil.load), 'Threads that waited, on average'],
		['waited in all', duration(gil.wait_ns), 'By all threads together'],
		['longest wait', gil.wait.count ? duration(gil.wait.max_ns) : '-', ''],
		['takes', count(gil.acquisitions), 'Times the GIL was taken'],
		['of them after a wait', count(gil.contended_acquisitions), ''],
		['drop requests', count(gil.drop_requests), 'Times a waiter asked the holder to let go'],
	];
}

// Most waiting first, then what is not known, then what has no GIL.
function items() {
	const found = report.processes.flatMap((process) => process.gils.length
		? process.gils.map((gil) => ({process, figures: gil, verdict: gil.verdict, gil: state.gils.find((one) => one.figures === gil)}))
		: [{process, figures: null, verdict: process.verdict, gil: null}]);
	const rank = (item) => !item.figures ? -2 : item.figures.wait_ns === null ? -1 : item.figures.wait_ns;
	return found.sort((a, b) => rank(b) - rank(a));
}

function fillVerdict() {
	const box = byId('verdict');
	const all = items();
	if (!all.length) {
		box.replaceChildren(element('div', {class: 'verdict unknown'}, element('p', {class: 'sentence'}, 'No process is in this trace.')));
		return;
	}
	const item = all.find((one) => one.gil && one.gil === state.gil) || all[0];
	const title = all.length > 1 ? `${processName(item.process)}, pid ${item.process.pid}${item.process.gils.length > 1 ? `, GIL ${item.figures.id}` : ''}` : null;
	box.replaceChildren(verdictCard(item.verdict, title, item.figures ? keyFigures(item.figures) : null));
	if (item.process.gil_reason && !item.verdict.sentence.includes(item.process.gil_reason))
		box.append(element('p', {class: 'note'}, clean(item.process.gil_reason)));
}

let processesTable = null;

function fillProcesses() {
	const all = items();
	byId('processes-part').hidden = all.length < 2;
	if (all.length < 2)
		return;
	const several = report.processes.some((process) => process.gils.length > 1);
	byId('processes-title').textContent = several ? 'GILs' : 'Processes';
	const of = (get) => (row) => row.figures ? get(row.figures) : null;
	const figure = (key, title, get, text, extra = {}) => ({key, title, number: true, value: of(get), text: (row) => row.figures ? text(get(row.figures)) : '', ...extra});
	processesTable = sortedTable({
		label: 'processes',
		columns: [
			{key: 'program', title: 'program', text: (row) => processName(row.process), hover: (row) => clean(row.process.command)},
			{key: 'pid', title: 'pid', number: true, value: (row) => row.process.pid, text: (row) => String(row.process.pid)},
			...several ? [figure('gil', 'GIL', (gil) => gil.id, String)] : [],
			figure('threads', 'threads', (gil) => gil.threads.length, count), figure('span', 'time', (gil) => gil.span_ns, duration),
			figure('held', 'held', (gil) => gil.utilization, share, {bar: of((gil) => gil.utilization), colour: 'hold'}),
			figure('waited', 'waited', (gil) => gil.wait_ns, duration), figure('load', 'load', (gil) => gil.load, plain),
			figure('takes', 'takes', (gil) => gil.acquisitions, count),
			{key: 'verdict', title: 'verdict', text: (row) => row.verdict.kind.replaceAll('-', ' ').replaceAll('_', ' '), hover: (row) => clean(row.verdict.sentence)},
		],
		rows: all, onChoose: (row) => {
			if (row.gil)
				chooseLane(row.gil, null);
		}, isChosen: (row) => row.gil && row.gil === state.gil,
	});
	byId('processes').replaceChildren(processesTable);
}

function fillFigures() {
	const gil = state.gil;
	byId('figures').hidden = !gil;
	if (!gil)
		return;
	marked = [threadsTable(gil), sitesTable(gil)];
	byId('threads').replaceChildren(marked[0]);
	byId('sites').replaceChildren(marked[1]);
	byId('blame').replaceChildren(blameMap(gil));
	byId('gil-choice').value = String(state.gils.indexOf(gil));
	fillLengths();
	fillStacks();
}

function fillTimeline() {
	byId('timeline').hidden = !state.gils.length;
	if (!state.gils.length) {
		byId('timeline').after(element('p', {class: 'empty'}, 'There is no GIL in this trace, so nothing to draw.'));
		for (const part of document.querySelectorAll('#timeline-part .tools, #timeline-part .legend, #keys'))
			part.hidden = true;
		return;
	}
	byId('gils').replaceChildren(...items().filter((item) => item.gil).map((item) => gilGroup(item.gil)));
	byId('lost-legend').hidden = !state.gils.some((gil) => gil.gaps.length);
	if (state.gils.every((gil) => gil.figures.held_ns === null))
		byId('idle-legend').textContent = 'with or without it';
	if (state.gils.some((gil) => gil.figures.held_ns === null))
		byId('timeline').after(element('p', {class: 'note'}, 'Of PyPy only waits can be seen: who holds its GIL is not known.'));
	if (report.region)
		byId('timeline').after(element('p', {class: 'note'}, 'The figures are those of the region, the timeline is of everything.'));
	const longest = longestTable(state.gils);
	byId('longest-part').hidden = !longest;
	if (longest) {
		byId('longest').replaceChildren(longest);
		longestBox = longest;
	}
}

let longestBox = null;

function fillFoot() {
	const left = state.gils.reduce((sum, gil) => sum + gil.left_out, 0);
	const kept = state.gils.reduce((sum, gil) => sum + gil.kept, 0);
	const parts = ['All figures are exact and those of the JSON report, which is inside of this file.'];
	if (left)
		parts.push(`The timeline has every hold and wait as sums over buckets of ${duration(Math.max(...state.gils.map((gil) => gil.bucket_ns)))}; ` +
			`${count(kept)} single ones are kept, ${count(left)} are left out: those around the longest waits, and some at regular distances, are there.`);
	else if (kept)
		parts.push(`The timeline has every single one of ${count(kept)} holds, waits and drop requests.`);
	byId('made-of').textContent = parts.join(' ');
}

function onSelection() {
	saySelection();
	for (const table of [...marked, processesTable, longestBox])
		if (table)
			table.mark();
	fillLengths();
}

function onGil() {
	fillVerdict();
	fillFigures();
	if (processesTable)
		processesTable.mark();
}

function offerGils() {
	byId('about').hidden = state.gils.length < 2;
	byId('gil-choice').replaceChildren(...state.gils.map((gil, i) => element('option', {value: String(i)}, gilTitle(gil))));
	byId('gil-choice').addEventListener('change', (event) => chooseLane(state.gils[Number(event.target.value)], null));
}

function followColours() {
	const renew = () => {
		readColours();
		for (const canvas of document.querySelectorAll('.lane canvas'))
			if (state.gils.length)
				paintLane(canvas, canvas.gil, canvas.lane);
		if (state.gils.length)
			paintAll();
	};
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', renew);
	matchMedia('print').addEventListener('change', renew);
	addEventListener('beforeprint', renew);
	addEventListener('afterprint', renew);
	readColours();
}

async function start() {
	fillHead();
	fillDoubts();
	state.gils = await readStory();
	const first = items().find((item) => item.gil);
	state.gil = first ? first.gil : null;
	if (state.gils.length) {
		state.first = Math.min(...state.gils.map((gil) => gil.begin));
		state.last = Math.max(state.first + 1, ...state.gils.map((gil) => gil.end));
		Object.assign(state, {begin: state.first, end: state.last});
	}
	followColours();
	fillVerdict();
	fillProcesses();
	fillTimeline();
	offerGils();
	fillFigures();
	fillFoot();
	if (state.gils.length) {
		listeners.view.push(paintAll);
		listeners.selection.push(onSelection);
		listeners.gil.push(onGil);
		takeInput();
		saySelection();
		new ResizeObserver(redraw).observe(byId('timeline'));
		redraw();
	}
	document.documentElement.dataset.ready = 'yes';
}

start().catch((error) => {
	byId('verdict').append(element('div', {class: 'verdict unknown'}, element('p', {class: 'sentence'}, 'This browser cannot show the timeline.'),
		element('p', {class: 'next'}, `${error}. A current Firefox, Chromium or Safari can.`)));
	throw error;
});
