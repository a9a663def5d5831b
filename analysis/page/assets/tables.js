// Tables that can be sorted and filtered, and lead to the timeline.

const rowsShown = 100;

// columns: {key, title, text(row), value(row)?, number?: true, bar(row)?: share of a cell}.
function sortedTable({label, columns, rows: all, onChoose, isChosen, sort = null, filter = true}) {
	let order = sort;
	let wanted = '';
	let limit = rowsShown;
	const body = element('tbody');
	const heads = columns.map((column) => {
		const button = element('button', {type: 'button', title: column.hint || `Sort by ${column.title}`}, column.title);
		const head = element('th', {scope: 'col', class: column.number ? 'number' : ''}, button);
		button.addEventListener('click', () => {
			const down = order && order.key === column.key ? !order.down : Boolean(column.number);
			order = {key: column.key, down};
			fill();
		});
		return head;
	});
	const note = element('p', {class: 'note'});
	const input = element('input', {type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${label}`,
		on: {input: () => {
			wanted = input.value.toLowerCase();
			fill();
		}}});
	const table = element('table', {}, element('caption', {class: 'unseen'}, label),
		element('thead', {}, element('tr', {}, ...heads)), body);

	function cell(column, row, first) {
		const text = column.text(row);
		const node = first ? element('th', {scope: 'row'}) : element('td', {});
		node.className = `${column.number ? 'number' : ''} ${text === '?' ? 'unknown' : ''}`.trim();
		if (first && onChoose)
			node.append(element('button', {type: 'button', class: 'link', on: {click: (event) => {
				event.stopPropagation();
				onChoose(row);
			}}}, text));
		else
			node.append(text);
		if (column.hover)
			node.title = column.hover(row);
		if (column.bar) {
			const part = column.bar(row);
			const bar = element('span', {class: `bar ${column.colour}`, 'aria-hidden': 'true'});
			bar.style.width = `${Math.min(100, Math.max(0, 100 * (part || 0)))}%`;
			node.append(bar);
			node.classList.add('with-bar');
		}
		return node;
	}

	function fill() {
		let shown = all.filter((row) => !wanted || columns.some((column) => !column.number && column.text(row).toLowerCase().includes(wanted)));
		if (order) {
			const column = columns.find((one) => one.key === order.key);
			const value = column.value || column.text;
			const sign = order.down ? -1 : 1;
			shown = [...shown].sort((a, b) => {
				const [left, right] = [value(a), value(b)];
				if (left === null || right === null)
					return (left === null) - (right === null);
				return sign * (left < right ? -1 : left > right ? 1 : 0);
			});
		}
		columns.forEach((column, i) => {
			const sorted = order && order.key === column.key;
			if (sorted)
				heads[i].setAttribute('aria-sort', order.down ? 'descending' : 'ascending');
			else
				heads[i].removeAttribute('aria-sort');
		});
		body.replaceChildren(...shown.slice(0, limit).map((row) => {
			const node = element('tr', {}, ...columns.map((column, i) => cell(column, row, i === 0)));
			node.shows = row;
			if (onChoose)
				node.addEventListener('click', () => onChoose(row));
			return node;
		}));
		note.replaceChildren();
		if (shown.length > limit)
			note.append(`The first ${limit} of ${shown.length}. `, element('button', {type: 'button', class: 'link',
				on: {click: () => {
					limit = Infinity;
					fill();
				}}}, 'Show all'));
		else if (!shown.length)
			note.append(wanted ? 'Nothing matches.' : 'There is nothing to list.');
		mark();
	}

	function mark() {
		for (const node of body.children)
			node.classList.toggle('selected', Boolean(isChosen && isChosen(node.shows)));
	}

	fill();
	const box = element('div', {class: 'table'}, element('div', {class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': label}, table), note);
	if (filter && all.length > 7)
		box.prepend(input);
	box.mark = mark;
	return box;
}

let marked = [];

function threadsTable(gil) {
	const figures = gil.figures;
	const names = threadNames(figures.threads);
	const rows = figures.threads.map((thread, i) => ({...thread, label: thread.name ? clean(thread.name) : thread.kind === 'native' ? '(native)' : '(no name)',
		longName: names[i], lane: gil.lanes.find((lane) => lane.thread === i)}));
	const ns = (key, title, hint) => ({key, title, hint, number: true, value: (row) => row[key], text: (row) => duration(row[key]),
		hover: (row) => row[key] === null ? '' : exact(row[key])});
	const number = (key, title, hint) => ({key, title, hint, number: true, value: (row) => row[key], text: (row) => count(row[key])});
	const part = (key, title, colour) => ({key: `${key}-share`, title, number: true, hint: 'Part of the thread\u2019s life',
		value: (row) => ratio(row[key], row.alive_ns), text: (row) => share(ratio(row[key], row.alive_ns)), bar: (row) => ratio(row[key], row.alive_ns), colour});
	return sortedTable({
		label: 'threads',
		columns: [
			{key: 'name', title: 'thread', text: (row) => row.label},
			{key: 'tid', title: 'tid', number: true, value: (row) => row.tid, text: (row) => String(row.tid)},
			ns('held_ns', 'held'), part('held_ns', 'share', 'hold'), ns('wait_ns', 'waited'), part('wait_ns', 'share', 'wait'),
			number('acquisitions', 'takes', 'Times it took the GIL'), number('contended_acquisitions', 'waits', 'Times it had to wait for that'),
			{key: 'mean', title: 'mean', number: true, hint: 'Mean wait', value: (row) => row.wait.mean_ns, text: (row) => row.wait.count ? duration(row.wait.mean_ns) : ''},
			{key: 'max', title: 'longest', number: true, hint: 'Longest wait', value: (row) => row.wait.max_ns, text: (row) => row.wait.count ? duration(row.wait.max_ns) : ''},
			number('drop_requests_sent', 'drops sent', 'Drop requests that it sent'), number('drop_requests_received', 'drops got', 'Drop requests that it received'),
		],
		rows, onChoose: (row) => chooseLane(gil, state.lane === row.lane ? null : row.lane), isChosen: (row) => state.lane && state.lane === row.lane,
	});
}

function sitesTable(gil) {
	const rows = gil.figures.sites.map((site, index) => ({...site, index, label: gil.names[index]}));
	const most = Math.max(1, ...rows.map((row) => row.blocked_ns || 0));
	const ns = (key, title, hint, extra = {}) => ({key, title, hint, number: true, value: (row) => row[key],
		text: (row) => row[key] === null && key.endsWith('max_ns') ? '' : duration(row[key]), hover: (row) => row[key] === null ? '' : exact(row[key]), ...extra});
	return sortedTable({
		label: 'lines of Python',
		columns: [
			{key: 'site', title: 'line', text: (row) => row.label, hover: (row) => row.file ? clean(row.file) : ''},
			ns('blocked_ns', 'blocked others', 'How long others waited behind holds that ended here', {bar: (row) => row.blocked_ns / most, colour: 'wait'}),
			ns('held_ns', 'held', 'Holds that ended here'), {key: 'count', title: 'holds', number: true, value: (row) => row.count, text: (row) => count(row.count)},
			ns('hold_max_ns', 'longest'), ns('wait_ns', 'waited', 'Waits of this line'),
			{key: 'wait_count', title: 'waits', number: true, value: (row) => row.wait_count, text: (row) => count(row.wait_count)}, ns('wait_max_ns', 'longest'),
		],
		rows, onChoose: (row) => {
			chooseGil(gil);
			state.site = state.site === row.index ? null : row.index;
			select({});
		}, isChosen: (row) => state.gil === gil && state.site === row.index,
	});
}

const blameShown = 40;

// Rows wait, columns hold. The darker the longer; the figure says how long.
function blameMap(gil) {
	const figures = gil.figures;
	const names = threadNames(figures.threads);
	const labelled = new Map(figures.threads.map((thread, i) => [thread.tid, names[i]]));
	const sum = new Map();
	const add = (key, ns) => sum.set(key, (sum.get(key) || 0) + ns);
	for (const {waiter, holder, wait_ns: ns} of figures.blame) {
		add(`w${waiter}`, ns);
		add(`h${holder}`, ns);
		add(`${waiter} ${holder}`, ns);
	}
	const tids = (letter) => figures.threads.map((thread) => thread.tid).filter((tid) => sum.has(letter + tid))
		.sort((a, b) => sum.get(letter + b) - sum.get(letter + a));
	const waiters = tids('w');
	const holders = tids('h');
	if (!waiters.length)
		return element('p', {class: 'note'}, figures.wait_ns === null ? 'Nobody knows.' : 'Nobody waited.');
	const special = ['handoff', 'unknown'].filter((name) => sum.has(`h${name}`));
	const columns = [...holders.slice(0, blameShown), ...special];
	const most = Math.max(...figures.blame.map((entry) => entry.wait_ns));
	const title = (holder) => holder === 'handoff' ? 'free' : holder === 'unknown' ? 'unknown' : labelled.get(holder);
	const head = element('tr', {}, element('th', {scope: 'col'}, 'waits \u2193 behind \u2192'),
		...columns.map((holder) => element('th', {scope: 'col', class: 'turned', title: holder === 'handoff' ? 'The GIL was free, on its way from one thread to the next' : ''},
			element('span', {}, title(holder)))), element('th', {scope: 'col', class: 'number'}, 'in all'));
	const body = waiters.slice(0, blameShown).map((waiter) => element('tr', {},
		element('th', {scope: 'row'}, labelled.get(waiter)),
		...columns.map((holder) => heatCell(gil, waiter, holder, sum.get(`${waiter} ${holder}`), most, `${labelled.get(waiter)} waited while ${title(holder)} held`)),
		element('td', {class: 'number'}, duration(sum.get(`w${waiter}`)))));
	const left = Math.max(0, waiters.length - blameShown) + Math.max(0, holders.length - blameShown);
	return element('div', {}, element('div', {class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Who made whom wait'},
		element('table', {class: 'heat'}, element('caption', {class: 'unseen'}, 'How long each thread (rows) waited while another (columns) held the GIL'),
			element('thead', {}, head), element('tbody', {}, ...body))),
	element('p', {class: 'note'}, `Each row adds up to what the thread waited.${left ? ` Shown: the ${blameShown} who waited most and the ${blameShown} who blocked most; the JSON report has all.` : ''} A field leads to the longest such wait that is kept.`));
}

function heatCell(gil, waiter, holder, ns, most, words) {
	if (!ns)
		return element('td', {class: 'number none'}, '');
	const cell = element('td', {class: 'number heat-cell', title: `${words}: ${exact(ns)}`});
	const part = Math.sqrt(ns / most);
	cell.style.setProperty('--heat', `${Math.round(6 + 82 * part)}%`);
	cell.classList.toggle('hot', part > 0.62);
	cell.append(element('button', {type: 'button', 'aria-label': `${words}: ${duration(ns)}`, on: {click: () => showPair(gil, waiter, holder)}}, duration(ns)));
	return cell;
}

function showPair(gil, waiter, holder) {
	const lane = gil.lanes.find((one) => one.tid === waiter && one.thread >= 0);
	const other = gil.lanes.find((one) => one.tid === holder);
	let best = -1;
	for (const index of lane.list.waits) {
		const behind = gil.waits.behind[index];
		const match = holder === 'handoff' ? behind === 0 : holder === 'unknown' ? behind === 1
			: behind > 1 && other && gil.places[behind - 2][0] === other.index;
		if (match && (best < 0 || gil.waits.end[index] - gil.waits.begin[index] > gil.waits.end[best] - gil.waits.begin[best]))
			best = index;
	}
	if (best >= 0)
		showMoment(gil, 'waits', best);
	else
		chooseLane(gil, lane);
	state.behind = other || null;
	saySelection();
	byId('timeline-part').scrollIntoView({block: 'start'});
}

const longestShown = 50;

// Those that are kept: the analysis sees to it that the longest ones are.
function longestWaits(gils) {
	const rows = [];
	for (const gil of gils)
		for (let i = 0; i < gil.waits.begin.length; i++)
			if (!gil.waits.unknown[i])
				rows.push({gil, index: i, ns: gil.waits.end[i] - gil.waits.begin[i]});
	rows.sort((a, b) => b.ns - a.ns);
	rows.length = Math.min(rows.length, longestShown);
	return rows;
}

function longestTable(gils) {
	const rows = longestWaits(gils).filter((row) => row.ns > 0);
	const several = gils.length > 1;
	const behind = ({gil, index}) => {
		const place = gil.waits.behind[index];
		return place > 1 ? gil.lanes[gil.places[place - 2][0]].label : place === 0 ? 'nobody: it was free' : '?';
	};
	const line = ({gil, index}) => {
		const place = gil.waits.behind[index];
		const site = place > 1 ? gil.places[place - 2][1] : -1;
		return site >= 0 ? gil.names[site] : '';
	};
	return rows.length ? sortedTable({
		label: 'longest waits',
		columns: [
			{key: 'ns', title: 'waited', value: (row) => row.ns, text: (row) => duration(row.ns), hover: (row) => exact(row.ns)},
			{key: 'at', title: 'at', number: true, value: (row) => row.gil.waits.begin[row.index], text: (row) => moment(row.gil.waits.begin[row.index], 1e6)},
			...several ? [{key: 'gil', title: 'process', text: (row) => gilTitle(row.gil)}] : [],
			{key: 'thread', title: 'thread', text: (row) => laneOf(row.gil, 'waits', row.index).label},
			{key: 'behind', title: 'last behind', text: behind},
			{key: 'line', title: 'which let go at', text: line},
		],
		rows, onChoose: (row) => {
			showMoment(row.gil, 'waits', row.index);
			byId('timeline-part').scrollIntoView({block: 'start'});
		}, isChosen: (row) => state.moment && state.moment.kind === 'waits' && state.moment.gil === row.gil && state.moment.index === row.index,
	}) : null;
}
