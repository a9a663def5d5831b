// What the file brings with it: the report's figures, and what happened when. Times are
// nanoseconds from the begin of the first GIL on; all of them are exact in a double.

const report = JSON.parse(document.getElementById('report').textContent);
const story = JSON.parse(document.getElementById('story').textContent);

function base64Bytes(text) {
	if (Uint8Array.fromBase64)
		return Uint8Array.fromBase64(text);
	const binary = atob(text);
	const bytes = new Uint8Array(binary.length);
	for (let i = 0; i < binary.length; i++)
		bytes[i] = binary.charCodeAt(i);
	return bytes;
}

async function inflated(id) {
	const packed = base64Bytes(document.getElementById(id).textContent);
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Reads what analysis/page/pack.h writes.
class Numbers {
	constructor(bytes) {
		this.bytes = bytes;
		this.at = 0;
	}

	next() {
		let byte = this.bytes[this.at++];
		if (byte < 128)
			return byte;
		let value = byte & 127;
		let weight = 128;
		do {
			byte = this.bytes[this.at++];
			value += (byte & 127) * weight;
			weight *= 128;
		} while (byte >= 128);
		return value;
	}

	nextSigned() {
		const twice = this.next();
		return twice % 2 ? -(twice + 1) / 2 : twice / 2;
	}

	run(length, array = new Float64Array(length)) {
		for (let i = 0; i < length; i++)
			array[i] = this.next();
		return array;
	}

	signedRun(length) {
		const array = new Float64Array(length);
		for (let i = 0; i < length; i++)
			array[i] = this.nextSigned();
		return array;
	}

	// sums[i]: of the first i numbers.
	sums(length) {
		const sums = new Float64Array(length + 1);
		for (let i = 0; i < length; i++)
			sums[i + 1] = sums[i] + this.next();
		return sums;
	}
}

// Begins are given from the one before, of holds from the end of the one before.
function placeInTime(moments, fromEnd) {
	let last = 0;
	for (let i = 0; i < moments.begin.length; i++) {
		moments.begin[i] += last;
		moments.end[i] = moments.begin[i] + moments.end[i];
		last = fromEnd ? moments.end[i] : moments.begin[i];
	}
	return moments;
}

function readMoments(numbers, [holds, waits, yields, requests]) {
	return {
		holds: placeInTime({
			place: numbers.run(holds, new Uint32Array(holds)), begin: numbers.signedRun(holds),
			end: numbers.run(holds), asked: numbers.run(holds),
			waiters: numbers.run(holds, new Uint16Array(holds)), unknown: numbers.run(holds, new Uint8Array(holds)),
		}, true),
		waits: placeInTime({
			place: numbers.run(waits, new Uint32Array(waits)), begin: numbers.signedRun(waits),
			end: numbers.run(waits), behind: numbers.run(waits), unknown: numbers.run(waits, new Uint8Array(waits)),
		}, false),
		yields: placeInTime({
			place: numbers.run(yields, new Uint32Array(yields)), begin: numbers.signedRun(yields),
			end: numbers.run(yields),
		}, false),
		requests: placeInTime({
			lane: numbers.run(requests, new Uint32Array(requests)), begin: numbers.signedRun(requests),
			end: new Float64Array(requests), asked: numbers.run(requests),
		}, false),
	};
}

// For each lane the numbers of its moments, in order of their begin.
function byLane(moments, lanes, laneOf) {
	const sizes = new Uint32Array(lanes);
	for (let i = 0; i < moments.begin.length; i++)
		sizes[laneOf(i)]++;
	const lists = Array.from(sizes, (size) => new Uint32Array(size));
	sizes.fill(0);
	for (let i = 0; i < moments.begin.length; i++) {
		const lane = laneOf(i);
		lists[lane][sizes[lane]++] = i;
	}
	return lists;
}

function readGil(numbers, told) {
	const process = report.processes[told.process];
	const gil = process.gils[told.gil];
	const all = readMoments(numbers, told.moments);
	const laneOfPlace = (kind) => (i) => told.places[kind.place[i]][0];
	const lists = {
		holds: byLane(all.holds, told.lanes.length, laneOfPlace(all.holds)),
		waits: byLane(all.waits, told.lanes.length, laneOfPlace(all.waits)),
		yields: byLane(all.yields, told.lanes.length, laneOfPlace(all.yields)),
		requests: byLane(all.requests, told.lanes.length, (i) => all.requests.lane[i]),
	};
	const names = threadNames(told.lanes);
	const lanes = told.lanes.map((lane, i) => ({
		...lane, index: i, label: names[i], figures: lane.thread < 0 ? null : gil.threads[lane.thread],
		bucket: told.bucket_ns, list: Object.fromEntries(Object.keys(lists).map((kind) => [kind, lists[kind][i]])),
		held: numbers.sums(lane.buckets), wait: numbers.sums(lane.buckets), holdCount: numbers.sums(lane.buckets),
		waitCount: numbers.sums(lane.buckets), requestCount: numbers.sums(lane.buckets),
		lengths: {holds: lane.holds, waits: lane.waits},
	}));
	const rank = (lane) => lane.thread < 0 ? Infinity : lane.thread;
	return {
		...told, told, process, figures: gil, lanes, ...all, names: siteNames(gil.sites),
		order: [...lanes].sort((a, b) => rank(a) - rank(b)),
		whole: told.left_out === 0,
	};
}

async function readStory() {
	const numbers = new Numbers(await inflated('numbers'));
	return story.gils.map((told) => readGil(numbers, told));
}

// Of the sums over buckets: up to a time, as if what is in a bucket were spread evenly over it.
function until(lane, sums, ns) {
	const at = (ns - lane.first) / lane.bucket;
	if (at <= 0)
		return 0;
	if (at >= lane.buckets)
		return sums[lane.buckets];
	const whole = Math.floor(at);
	return sums[whole] + (sums[whole + 1] - sums[whole]) * (at - whole);
}

function within(lane, sums, begin, end) {
	return until(lane, sums, end) - until(lane, sums, begin);
}

// In a sorted array.
function firstAtLeast(array, ns) {
	let low = 0;
	let high = array.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (array[middle] < ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// The first of the moments in `list` for which `array` is at least `ns`.
function firstFrom(list, array, ns) {
	let low = 0;
	let high = list.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (array[list[middle]] < ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Of sorted [begin, end] pairs those that reach into a time.
function pairsWithin(pairs, begin, end) {
	const found = [];
	let low = 0;
	let high = pairs.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (pairs[middle][1] < begin)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < pairs.length && pairs[low][0] <= end; low++)
		found.push(pairs[low]);
	return found;
}

function visibleWindows(gil, begin, end) {
	return pairsWithin(gil.windows, begin, end);
}

// Events were lost there: who held is not known.
function inGap(gil, ns) {
	return pairsWithin(gil.gaps, ns, ns).length > 0;
}

function inWindow(gil, ns) {
	return visibleWindows(gil, ns, ns).length > 0;
}

// Who held while a wait went on, and for how long each: what the report calls blame, of one wait.
function blockers(gil, begin, end) {
	const parts = [];
	const list = gil.holds;
	let low = 0;
	let high = list.begin.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (list.end[middle] <= begin)
			low = middle + 1;
		else
			high = middle;
	}
	for (let i = low; i < list.begin.length && list.begin[i] < end; i++) {
		const ns = Math.min(end, list.end[i]) - Math.max(begin, list.begin[i]);
		if (ns > 0)
			parts.push({hold: i, lane: gil.places[list.place[i]][0], ns,
				begin: Math.max(begin, list.begin[i]), end: Math.min(end, list.end[i])});
	}
	return parts;
}
