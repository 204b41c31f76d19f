"""A Chromium for tests of pages: started once, it opens files and tells what went wrong in them.

Its own file because several tests look at pages: of one recording, of a diff, of hostile names,
of a million stacks. Debian's chromium, chromium-driver and python3-selenium.

    with Browser() as browser:
        browser.open('report.html')                 # returns when window.profinject is there
        browser.run('return document.title')
        browser.check()                             # no errors on the console, no requests
"""

import json
import os
import shutil
import subprocess
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

READY = 'return window.profinject !== undefined'
LOCAL = ('file:', 'data:', 'blob:', 'about:')


def missing():
    """Why there can be no browser here, or None."""
    for program in ('chromium', 'chromedriver'):
        if shutil.which(program) is None:
            return f'{program} is not installed'
    return None


class Browser:
    """One Chromium without a window, of a fixed size, with a profile of its own."""

    def __init__(self, width=1280, height=800):
        self.profile = tempfile.mkdtemp(prefix='profinject-browser.')
        options = webdriver.ChromeOptions()
        for flag in ('--headless=new', '--disable-dev-shm-usage', '--no-first-run',
                     '--disable-background-networking', '--disable-component-update',
                     '--disable-gpu', '--force-device-scale-factor=1',
                     f'--window-size={width},{height}', f'--user-data-dir={self.profile}'):
            options.add_argument(flag)
        if os.geteuid() == 0:
            options.add_argument('--no-sandbox')  # it does not start otherwise
        options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
        options.binary_location = shutil.which('chromium')
        self.console = []
        self.asked = []
        self.driver = webdriver.Chrome(
            service=Service(shutil.which('chromedriver'), log_path=os.devnull), options=options)
        self.driver.set_script_timeout(60)
        self.driver.set_page_load_timeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    # --- pages

    def open(self, path, ready=READY, seconds=30):
        """Opens a file, forgets what was logged before, and waits until `ready` is true."""
        self.driver.get('about:blank')
        self.collect()
        self.console, self.asked = [], []
        self.driver.get('file://' + os.path.abspath(path))
        if ready:
            self.wait(ready, seconds)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, script, seconds=10):
        """Until the script returns something true, which is returned."""
        end = time.monotonic() + seconds
        while True:
            result = self.run(script)
            if result:
                return result
            if time.monotonic() > end:
                raise AssertionError(f'not within {seconds} s: {script}\n' + '\n'.join(self.errors()))
            time.sleep(0.02)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    # --- hands

    def click(self, selector, x=None, y=None):
        """At the middle of the element, or x, y pixels from its upper left corner."""
        element = self.find(selector)
        if x is None:
            element.click()
        else:
            self.at(element, x, y).click().perform()

    def move(self, selector, x, y):
        self.at(self.find(selector), x, y).perform()

    def drag(self, selector, start, end):
        """From x, y to x, y of the element."""
        element = self.find(selector)
        self.at(element, *start).click_and_hold().move_by_offset(
            end[0] - start[0], end[1] - start[1]).release().perform()

    def at(self, element, x, y):
        # Selenium counts from the middle.
        size = element.size
        return ActionChains(self.driver, duration=0).move_to_element_with_offset(
            element, x - size['width'] // 2, y - size['height'] // 2)

    def keys(self, *keys):
        """To whatever has the focus."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def resize(self, width, height):
        self.driver.set_window_size(width, height)

    def screenshot(self, path):
        self.driver.save_screenshot(path)

    # --- what went wrong

    def collect(self):
        for entry in self.driver.get_log('browser'):
            self.console.append(entry)
        for entry in self.driver.get_log('performance'):
            message = json.loads(entry['message'])['message']
            if message['method'] == 'Network.requestWillBeSent':
                self.asked.append(message['params']['request']['url'])
            elif message['method'] == 'Network.webSocketCreated':
                self.asked.append(message['params']['url'])

    def errors(self):
        """Lines of the console that are errors or warnings; exceptions nobody caught among them."""
        self.collect()
        return [entry['message'] for entry in self.console
                if entry['level'] in ('SEVERE', 'WARNING')]

    def requests(self):
        """What was asked for anywhere else than in the page itself."""
        self.collect()
        return [url for url in self.asked if not url.startswith(LOCAL)]

    def files(self):
        """Files asked for: the page, and nothing else."""
        self.collect()
        return [url for url in self.asked if url.startswith('file:')]

    def check(self):
        errors, requests, files = self.errors(), self.requests(), self.files()
        assert not errors, 'on the console: ' + '; '.join(errors)
        assert not requests, 'asked for: ' + ' '.join(requests)
        assert len(files) <= 1, 'asked for: ' + ' '.join(files)

    def version(self):
        return subprocess.run(['chromium', '--version'], capture_output=True, text=True,
                              check=True).stdout.strip()
