/*
 * The HTML report: unpacks the data (see html_document.h) and shows its facts.
 */
async function readData() {
    const packed = Uint8Array.from(atob(document.getElementById('data').textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return JSON.parse(await new Response(stream).text());
}

function showFacts(data) {
    document.getElementById('title').textContent = data.title;
    for (const [name, value] of data.facts) {
        const term = document.createElement('dt');
        const text = document.createElement('dd');
        term.textContent = name;
        text.textContent = value;
        document.getElementById('facts').append(term, text);
    }
}

readData().then(showFacts);
