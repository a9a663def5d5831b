// Building the document. Text from the trace goes through textContent alone.

function element(name, properties = {}, ...children) {
	const node = document.createElement(name);
	for (const [key, value] of Object.entries(properties)) {
		if (key === 'on')
			for (const [event, listener] of Object.entries(value))
				node.addEventListener(event, listener);
		else if (key === 'class')
			node.className = value;
		else if (key in node && key !== 'list')
			node[key] = value;
		else
			node.setAttribute(key, value);
	}
	node.append(...children.filter((child) => child !== null && child !== undefined));
	return node;
}

function drawing(name, attributes = {}, ...children) {
	const node = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const [key, value] of Object.entries(attributes))
		node.setAttribute(key, value);
	node.append(...children);
	return node;
}

const byId = (id) => document.getElementById(id);

// Colours of the style sheet, for canvases; read anew when light and dark change.
const colours = {};
function readColours() {
	const style = getComputedStyle(document.documentElement);
	for (const name of ['hold', 'wait', 'yield', 'request', 'idle', 'text', 'faint', 'line', 'select', 'ground'])
		colours[name] = style.getPropertyValue(`--${name}`).trim();
}
