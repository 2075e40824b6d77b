// wavescoreStart puts live charts in the place of static pictures. The scripts of the figures push what to draw onto
// window.wavescore, before or after this runs: an array until then, afterwards an object whose push draws at once.
function wavescoreStart(echarts) {
	// format writes a number as format in axis.go does.
	const format = (v) => {
		const size = Math.abs(v);
		if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
			return Number(v.toPrecision(6)).toExponential().replace("e+", "e");
		}
		return String(Number(v.toPrecision(6)));
	};
	const digits = (v, n) => format(Number(v.toPrecision(n)));
	const brief = (v) => digits(v, 3);
	const text = echarts.format.encodeHTML;
	const last = (values) => values[values.length - 1];
	// A custom series is not for reading: it lies behind one of the same name.
	const readable = (items) => items.filter((item) => item.seriesType !== "custom");
	const row = (marker, name, value) => `${marker || ""} ${text(name)} <b>${digits(value, 4)}</b>`;

	// functions are what an option names as a formatter or a renderItem. Each is made for its option and the part of it
	// that holds the name.
	const functions = {
		number: () => format,
		brief: () => (v) => brief(v),
		power: () => (v) => brief(10 ** v),
		last: () => (item) => brief(Array.isArray(item.value) ? last(item.value) : item.value),

		// The tips: a point, all series at one place, a cell of a heat map, a cell of a joint histogram.
		point: (option) => (item) => [`${item.marker} ${text(item.seriesName)}`, row("", option.xAxis.name, item.value[0]),
			row("", option.yAxis.name, item.value[1])].join("<br>"),
		column: (option) => (items) => {
			const shown = readable(items).filter((item) => item.value !== undefined);
			if (shown.length === 0) {
				return "";
			}
			const place = shown[0].axisType === "xAxis.category" ? text(shown[0].axisValue) : format(shown[0].axisValue);
			const value = (item) => Array.isArray(item.value) ? last(item.value) : item.value;
			return [`${text(option.xAxis.name || "")} ${place}`]
				.concat(shown.map((item) => row(item.marker, item.seriesName || option.yAxis.name, value(item)))).join("<br>");
		},
		cell: (option) => (item) => [`${text(option.yAxis.name || "")} ${text(option.yAxis.data[item.value[1]])}`,
			`${text(option.xAxis.name || "")} ${text(option.xAxis.data[item.value[0]])}`,
			row(item.marker, item.seriesName, last(item.value))].join("<br>"),
		pair: (option) => (item) => [row("", option.xAxis.name, item.value[0]), row("", option.yAxis.name, item.value[1]),
			row(item.marker, item.seriesName, last(item.value))].join("<br>"),

		// The renderers. A band is one shape and hangs on the first point.
		band: (option, series) => (params, api) => {
			if (params.dataIndex !== 0) {
				return undefined;
			}
			const high = series.data.map((d) => api.coord([d[0], d[2]]));
			const low = series.data.map((d) => api.coord([d[0], d[1]]));
			return {
				type: "polygon",
				shape: {points: high.concat(low.reverse())},
				style: {fill: api.visual("color"), opacity: 0.18},
			};
		},
		errorBar: () => (params, api) => {
			const [x, low] = api.coord([api.value(0), api.value(1)]);
			const high = api.coord([api.value(0), api.value(2)])[1];
			return {
				type: "line",
				shape: {x1: x, y1: low, x2: x, y2: high},
				style: {stroke: api.visual("color"), lineWidth: 1.5},
			};
		},
		// An error bar on a bar, which lies beside the middle of its category by a share of the category's width.
		whisker: () => (params, api) => {
			const aside = api.value(3) * api.size([1, 0])[0];
			const [x, low] = api.coord([api.value(0), api.value(1)]);
			const high = api.coord([api.value(0), api.value(2)])[1];
			return {
				type: "line",
				shape: {x1: x + aside, y1: low, x2: x + aside, y2: high},
				style: {stroke: api.visual("color"), lineWidth: 1.5},
			};
		},
		cells: (option, series) => (params, api) => {
			const area = params.coordSys;
			const [x, y] = api.coord([api.value(0), api.value(1)]);
			// Whole pixels, so that neighbours touch without a seam.
			const edges = (centre, size) => [Math.round(centre - size / 2), Math.round(centre + size / 2)];
			const [left, right] = edges(x, area.width / series.bins);
			const [top, bottom] = edges(y, area.height / series.bins);
			return {
				type: "rect",
				shape: {x: left, y: top, width: right - left, height: bottom - top},
				style: {fill: api.visual("color")},
			};
		},
	};

	const revive = (node, option) => {
		for (const [key, value] of Object.entries(node)) {
			if ((key === "formatter" || key === "renderItem") && Object.hasOwn(functions, value)) {
				node[key] = functions[value](option, node);
			} else if (value !== null && typeof value === "object" && key !== "data") {
				revive(value, option);
			}
		}
	};

	const chart = (panel, option) => {
		revive(option, option);
		const instance = echarts.init(panel);
		instance.setOption(option);
		new ResizeObserver(() => instance.isDisposed() || instance.resize()).observe(panel);
	};

	const show = (holder, figure) => {
		const picture = holder.querySelector("img");
		const box = document.createElement("div");
		box.style.cssText = `display: grid; grid-template-columns: repeat(${figure.columns}, auto); gap: 8px; ` +
			"justify-content: start; max-width: 900px; overflow-x: auto";
		holder.insertBefore(box, picture);
		if (figure.title) {
			const title = document.createElement("div");
			title.textContent = figure.title;
			title.style.cssText = "grid-column: 1 / -1; font: bold 16px Liberation Sans, Arial, sans-serif; padding: 8px";
			box.append(title);
		}
		for (const {width, height, option, image} of figure.panels) {
			const panel = document.createElement(image ? "img" : "div");
			panel.style.cssText = `width: ${width}px; height: ${height}px`;
			box.append(panel);
			if (image) {
				panel.src = image;
			} else {
				chart(panel, structuredClone(option));
			}
		}
		picture.style.display = "none";
	};

	// draw draws a figure wherever it is on the page and not yet live. A notebook may run the script before the picture is
	// there.
	const draw = ({id, figure}, tries = 50) => {
		const holders = document.querySelectorAll(`[data-wavescore="${id}"]`);
		if (holders.length === 0 && tries > 0) {
			setTimeout(() => draw({id, figure}, tries - 1), 100);
		}
		for (const holder of holders) {
			if (holder.dataset.live) {
				continue;
			}
			holder.dataset.live = "yes";
			try {
				show(holder, figure);
			} catch (error) {
				holder.querySelector("img").previousElementSibling?.remove();
				console.warn("wavescore: the static picture stays:", error);
			}
		}
	};

	const waiting = Array.isArray(window.wavescore) ? window.wavescore : [];
	window.wavescore = {push: (figure) => draw(figure)};
	waiting.forEach((figure) => draw(figure));
}
