'use strict';
// Figures as the text report writes them (analysis/base/humane.c), and what things are called.

const durationUnits = [
	[0, 1, 'ns'], [1e3, 1e3, 'us'], [1e6, 1e6, 'ms'], [1e9, 1e9, 's'], [1e12, 60e9, 'min'], [36e12, 3600e9, 'h'],
];
const countUnits = [[1e4, 1e3, 'k'], [1e6, 1e6, 'M'], [1e9, 1e9, 'G'], [1e12, 1e12, 'T']];

// The last unit that the value reaches once it is rounded to three digits.
function withUnit(units, value) {
	let unit = units[0];
	for (let i = 1; i < units.length; i++)
		if (value + units[i - 1][1] / 2 >= units[i][0])
			unit = units[i];
	return `${digits(value / unit[1])} ${unit[2]}`;
}

// Three significant digits of a value below 1000.
function digits(value) {
	return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

// null: there is a figure, but nobody knows it.
function duration(ns) {
	if (ns === null || ns === undefined)
		return '?';
	if (ns === 0)
		return '0';
	return ns < 1000 ? `${Math.round(ns)} ns` : withUnit(durationUnits, ns);
}

function count(number) {
	if (number === null || number === undefined)
		return '?';
	return number < 10000 ? `${number}` : withUnit(countUnits, number);
}

function plain(number) {
	if (number === null || number === undefined || Number.isNaN(number))
		return '?';
	if (number === 0)
		return '0';
	if (number < 0.01)
		return '<0.01';
	return number < 99999 ? digits(number) : number.toExponential(2);
}

function share(part) {
	return part === null || part === undefined || Number.isNaN(part) ? '?' : `${plain(100 * part)} %`;
}

function ratio(part, whole) {
	return part === null || !whole ? null : part / whole;
}

// As many digits as tell a moment from its neighbours that are `step` away.
function moment(ns, step) {
	const decimals = Math.max(0, Math.min(9, Math.ceil(9 - Math.log10(Math.max(step, 1)))));
	return `${(ns / 1e9).toFixed(decimals)} s`;
}

// Every nanosecond of it.
function exact(ns) {
	return `${String(Math.round(ns)).replace(/\B(?=(\d{3})+$)/g, '\u202f')} ns`;
}

function plural(number, one, many) {
	return `${count(number)} ${number === 1 ? one : many}`;
}

// Control characters would hide what a name is.
function clean(text) {
	return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

function processName(process) {
	const command = process.command || process.executable || '?';
	const first = command.split(' ', 1)[0];
	return clean(command.slice(first.lastIndexOf('/') + 1));
}

// A name that several threads have does not tell them apart.
function threadNames(threads) {
	const seen = new Map();
	for (const thread of threads)
		seen.set(thread.name, (seen.get(thread.name) || 0) + 1);
	return threads.map((thread) => {
		if (!thread.name)
			return `tid ${thread.tid}`;
		return seen.get(thread.name) === 1 ? clean(thread.name) : `${clean(thread.name)} (${thread.tid})`;
	});
}

function shortPath(path, paths) {
	const parts = path.split('/');
	let length = 1;
	const tail = () => parts.slice(-length).join('/');
	const ambiguous = () => tail() === '' ||
		paths.some((other) => other !== path && (other === tail() || other.endsWith(`/${tail()}`)));
	while (length < parts.length && ambiguous())
		length++;
	return tail();
}

function siteNames(sites) {
	const paths = [...new Set(sites.filter((site) => site.kind === 'line').map((site) => site.file))];
	const short = new Map(paths.map((path) => [path, shortPath(path, paths) || '?']));
	return sites.map((site) => {
		if (site.kind !== 'line')
			return site.kind === 'rest' ? '(other lines)' : '(line not known)';
		return clean(`${short.get(site.file)}:${site.line || '?'}${site.function ? ` ${site.function}` : ''}`);
	});
}
