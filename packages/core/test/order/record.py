"""Records the order in which gevent runs random programs: python3 record.py > corpus/gevent.json"""

import json
import random

import gevent
from gevent.lock import Semaphore
from gevent.queue import Channel, LifoQueue, Queue

PROGRAMS = 200
# Programs that are still running after this many turns are killed; what they log then is not compared.
TURNS = 60
OBJECTS = {
    'Channel': Channel,
    'LifoQueue': LifoQueue,
    'Queue': Queue,
    'Queue(1)': lambda: Queue(1),
    'Semaphore(0)': lambda: Semaphore(0),
    'Semaphore(1)': lambda: Semaphore(1),
}


def random_steps(choose, objects, depth=0):
    steps = []
    for _ in range(choose.randint(1, 5 - depth)):
        number = choose.randrange(len(objects))
        calls = ['acquire', 'release'] if objects[number].startswith('Semaphore') else ['get', 'put']
        kind = choose.choice(calls * 3 + ['sleep', 'spawn'])
        if kind == 'spawn' and depth < 2:
            steps.append(['spawn', random_steps(choose, objects, depth + 1)])
        elif kind in calls:
            steps.append([kind, number])
        else:
            steps.append(['sleep'])
    return steps


def run(program):
    log = []
    objects = [OBJECTS[name]() for name in program['objects']]
    greenlets = []

    def start(steps):
        greenlets.append(gevent.spawn(follow, len(greenlets), steps))

    def follow(ident, steps):
        for index, (kind, *about) in enumerate(steps):
            result = None
            if kind == 'sleep':
                gevent.sleep(0)
            elif kind == 'spawn':
                start(about[0])
            elif kind == 'put':
                objects[about[0]].put(f'{ident}.{index}')
            elif kind == 'get':
                result = objects[about[0]].get()
            else:
                getattr(objects[about[0]], kind)()
            log.append(f'{ident}.{index} {kind}' if result is None else f'{ident}.{index} got {result}')

    for steps in program['greenlets']:
        start(steps)
    for _ in range(TURNS):
        gevent.sleep(0)
    log = log[:]
    gevent.killall(greenlets)
    return log


def main():
    choose = random.Random(1)
    lines = []
    for _ in range(PROGRAMS):
        objects = [choose.choice(list(OBJECTS)) for _ in range(choose.randint(1, 2))]
        program = {'objects': objects, 'greenlets': [random_steps(choose, objects) for _ in range(choose.randint(2, 6))]}
        lines.append(json.dumps({**program, 'log': run(program)}, separators=(',', ':')))
    print('[\n' + ',\n'.join(lines) + '\n]')


main()
