// Draws one thread's lane: what share of each pixel's time it held and waited, and single holds and
// waits where these are wide enough.

const held = new Float64Array(16384);
const waited = new Float64Array(16384);
const requested = new Float64Array(16384);
const coarse = new Uint8Array(16384);

// The height of a step says the share; a path, because there are as many steps as pixels.
function fillSteps(context, width, height, base, top, colour, wanted) {
	context.fillStyle = colour;
	context.beginPath();
	let any = false;
	for (let x = 0; x < width;) {
		if (coarse[x] !== wanted || top[x] <= 0) {
			x++;
			continue;
		}
		const from = x;
		const low = base ? base[x] : 0;
		const high = Math.min(1, low + top[x]);
		while (++x < width && coarse[x] === wanted && top[x] === top[from] && (!base || base[x] === base[from]))
			continue;
		/* A share that would be thinner than anybody sees is still something. */
		const thick = Math.max((high - low) * height, 1);
		context.rect(from, Math.max(0, height - low * height - thick), x - from, thick);
		any = true;
	}
	if (any)
		context.fill();
}

function addShares(lane, width, begin, step, from, to) {
	const start = begin + from * step;
	const done = [until(lane, lane.held, start), until(lane, lane.wait, start), until(lane, lane.requestCount, start)];
	for (let x = from; x < to; x++) {
		const end = begin + (x + 1) * step;
		const now = [until(lane, lane.held, end), until(lane, lane.wait, end), until(lane, lane.requestCount, end)];
		held[x] = (now[0] - done[0]) / step;
		waited[x] = (now[1] - done[1]) / step;
		requested[x] = now[2] - done[2];
		coarse[x] = 1;
		done[0] = now[0];
		done[1] = now[1];
		done[2] = now[2];
	}
}

// Adds an interval to the shares, or to `blocks` when it is wide enough to be seen by itself.
function addInterval(shares, blocks, x0, x1, width, mark) {
	if (x1 - x0 >= 2) {
		blocks.push(x0, x1, mark);
		return;
	}
	for (let x = Math.max(0, Math.floor(x0)); x < Math.min(width, Math.ceil(x1)); x++)
		shares[x] += Math.min(x1, x + 1) - Math.max(x0, x);
}

// `longest`: how far before the view one may begin that reaches into it.
function eachVisible(gil, kind, list, begin, end, visit) {
	const moments = gil[kind];
	let i = firstFrom(list, moments.begin, begin);
	/* What one thread does does not overlap: only the one before can reach in, but for strays. */
	i = Math.max(0, i - 2);
	for (; i < list.length && moments.begin[list[i]] < end; i++)
		if (moments.end[list[i]] >= begin)
			visit(list[i], moments.begin[list[i]], moments.end[list[i]]);
}

function drawBlocks(context, blocks, height, colour, dim) {
	for (let i = 0; i < blocks.length; i += 3) {
		const wide = blocks[i + 1] - blocks[i];
		const gap = wide > 5 ? Math.min(1, wide / 8) : 0;
		context.globalAlpha = blocks[i + 2] ? 1 : dim;
		context.fillStyle = colour;
		context.fillRect(blocks[i], 0, wide - gap, height);
	}
	context.globalAlpha = 1;
}

function paintExact(context, gil, lane, width, height, begin, step) {
	const end = begin + width * step;
	const scale = (ns) => (ns - begin) / step;
	const blocks = {holds: [], waits: [], yields: []};
	const chosen = state.site !== null && state.gil === gil ? state.site : -2;
	const windows = gil.whole ? [[-Infinity, Infinity]] : visibleWindows(gil, begin, end);
	const add = (kind, shares) => {
		let first = 0; // moments and windows both come in the order of time
		eachVisible(gil, kind, lane.list[kind], begin, end, (index, from, to) => {
			const mark = chosen < -1 || siteOf(gil, kind, index) === chosen;
			while (first < windows.length && windows[first][1] <= from)
				first++;
			for (let i = first; i < windows.length && windows[i][0] < to; i++)
				addInterval(shares, blocks[kind], Math.max(-2, scale(Math.max(from, windows[i][0]))),
					Math.min(width + 2, scale(Math.min(to, windows[i][1]))), width, mark);
		});
	};
	add('holds', held);
	add('waits', waited);
	add('yields', waited);
	return blocks;
}

// Single moments are drawn once a bucket is wider than a pixel; before that the sums are as exact. Few
// of them are drawn at any scale, and never so many that drawing them takes longer than a frame.
const fewMoments = 60000;
const manyMoments = 150000;

function finer(gil, step) {
	return (gil.whole && gil.kept < fewMoments) || (step < gil.bucket_ns && holdsInSight(gil) < manyMoments);
}

function holdsInSight(gil) {
	const {begin} = gil.holds;
	return firstAtLeast(begin, state.end) - firstAtLeast(begin, state.begin);
}

function paintLane(canvas, gil, lane) {
	const ratioOfPixels = window.devicePixelRatio || 1;
	const width = Math.min(held.length, Math.round(canvas.clientWidth * ratioOfPixels));
	const height = Math.round(canvas.clientHeight * ratioOfPixels);
	if (!width || !height)
		return;
	if (canvas.width !== width || canvas.height !== height)
		Object.assign(canvas, {width, height});
	const context = canvas.getContext('2d');
	const begin = state.begin;
	const step = (state.end - state.begin) / width;
	const x = (ns) => (ns - begin) / step;
	context.clearRect(0, 0, width, height);

	const alive = [Math.max(0, x(lane.begin)), Math.min(width, x(lane.end))];
	context.fillStyle = colours.idle;
	if (alive[1] > alive[0])
		context.fillRect(alive[0], Math.round(height * 0.5) - ratioOfPixels / 2, alive[1] - alive[0], ratioOfPixels);

	paintGaps(context, gil, width, height, x);

	held.fill(0, 0, width);
	waited.fill(0, 0, width);
	requested.fill(0, 0, width);
	coarse.fill(0, 0, width);
	let blocks = null;
	if (!finer(gil, step)) {
		addShares(lane, width, begin, step, 0, width);
		coarse.fill(0, 0, width);
	} else {
		if (!gil.whole) {
			let from = 0;
			for (const [low, high] of [...visibleWindows(gil, begin, state.end), [Infinity, 0]]) {
				const to = Math.min(width, Math.max(0, Math.floor(x(low))));
				addShares(lane, width, begin, step, from, to);
				from = Math.max(from, Math.min(width, Math.ceil(x(high))));
			}
		}
		blocks = paintExact(context, gil, lane, width, height, begin, step);
	}
	const dim = 0.22;
	const dimmed = state.site !== null && state.gil === gil;
	context.globalAlpha = dimmed ? dim : 1;
	fillSteps(context, width, height, null, held, colours.hold, 0);
	fillSteps(context, width, height, held, waited, colours.wait, 0);
	context.globalAlpha = dimmed ? dim : 0.5;
	fillSteps(context, width, height, null, held, colours.hold, 1);
	fillSteps(context, width, height, held, waited, colours.wait, 1);
	context.globalAlpha = 1;
	if (blocks) {
		drawBlocks(context, blocks.waits, height, colours.wait, dim);
		drawBlocks(context, blocks.yields, height, colours.yield, dim);
		drawBlocks(context, blocks.holds, height, colours.hold, dim);
		paintUnknown(context, gil, lane, width, height, x);
	}
	paintRequests(context, gil, lane, width, height, begin, step, ratioOfPixels);
}

// Slanted lines where events were lost: what is empty there is not idle, it is not known.
function paintGaps(context, gil, width, height, x) {
	const gaps = pairsWithin(gil.gaps, state.begin, state.end);
	if (!gaps.length)
		return;
	context.save();
	context.beginPath();
	for (const [begin, end] of gaps) {
		const from = Math.max(0, x(begin));
		context.rect(from, 0, Math.max(0.5, Math.min(width, x(end)) - from), height);
	}
	context.clip();
	context.fillStyle = colours.ground;
	context.fillRect(0, 0, width, height);
	context.strokeStyle = colours.faint;
	context.globalAlpha = 0.6;
	context.beginPath();
	for (let at = -height; at < width; at += 6) {
		context.moveTo(at, height);
		context.lineTo(at + height, 0);
	}
	context.stroke();
	context.restore();
}

// A hold or wait with only one known end is a bracket there.
function paintUnknown(context, gil, lane, width, height, x) {
	context.fillStyle = colours.text;
	for (const kind of ['holds', 'waits'])
		eachVisible(gil, kind, lane.list[kind], state.begin, state.end, (index, from) => {
			if (gil[kind].unknown[index])
				context.fillRect(Math.round(x(from)), 0, 2, height);
		});
}

// Drop requests: marks at the upper edge, on the lane of who asked.
function paintRequests(context, gil, lane, width, height, begin, step, pixel) {
	context.fillStyle = colours.request;
	if (!finer(gil, step)) {
		for (let i = 0; i < width; i++) {
			if (requested[i] <= 0.02)
				continue;
			context.globalAlpha = Math.min(1, 0.35 + requested[i] / 4);
			context.fillRect(i, 0, 1, 3 * pixel);
		}
		context.globalAlpha = 1;
		return;
	}
	const {list} = lane;
	const first = firstFrom(list.requests, gil.requests.begin, begin);
	const many = firstFrom(list.requests, gil.requests.begin, state.end) - first > width / (14 * pixel);
	const size = (many ? 2 : 4) * pixel;
	eachVisible(gil, 'requests', list.requests, begin, state.end, (index, at) => {
		const middle = (at - begin) / step;
		context.beginPath();
		context.moveTo(middle - size, 0);
		context.lineTo(middle + size, 0);
		context.lineTo(middle, size * 1.6);
		context.fill();
	});
}
