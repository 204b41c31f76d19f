// What speedscope itself makes of a file: `node speedscope_import.js RELEASE FILE`, RELEASE being
// the folder dist/release of its npm package. Prints a JSON list of profiles: name, unit, total
// weight, and the self weight of each frame by name.
//
// The package holds a page only: its importer is run without the page, with objects in the place
// of the browser's that do nothing, and met where the page's bundle declares it.
'use strict';
const fs = require('fs');
const path = require('path');

const [release, file] = process.argv.slice(2);

// Anything may be asked of it, called and set.
function nothing() {
    const target = function () {};
    return new Proxy(target, {
        get: (of, name) =>
            name === Symbol.toPrimitive ? () => '' : name in of ? of[name] : nothing(),
        set: (of, name, value) => { of[name] = value; return true; },
        apply: () => nothing(),
        construct: () => nothing(),
    });
}

let importer;
const define = Object.defineProperty;
Object.defineProperty = function (of, name, how) {
    if (name === 'importProfileGroupFromText')
        importer = of;
    return define(of, name, how);
};

for (const name of ['window', 'document', 'location', 'localStorage', 'self', 'requestAnimationFrame',
                    'HTMLElement', 'matchMedia'])
    define(globalThis, name, {value: nothing(), configurable: true, writable: true});

const log = console.log;
console.log = () => {};
const bundle = fs.readdirSync(release).find(name => /^speedscope-.*\.js$/.test(name));
try {
    (0, eval)(fs.readFileSync(path.join(release, bundle), 'utf8'));
} catch (problem) {
    // The page cannot be drawn; by then the importer is there.
    if (importer === undefined)
        throw problem;
}

function selfWeights(profile) {
    const weights = {};
    profile.forEachFrame(frame => {
        weights[frame.name] = (weights[frame.name] || 0) + frame.getSelfWeight();
    });
    return weights;
}

setImmediate(async () => {
    const group = await importer.importProfileGroupFromText(file, fs.readFileSync(file, 'utf8'));
    log(JSON.stringify(group.profiles.map(profile => ({
        name: profile.getName(),
        unit: profile.getWeightUnit(),
        total: profile.getTotalWeight(),
        self: selfWeights(profile),
    }))));
    process.exit(0);
});
