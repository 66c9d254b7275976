#!/usr/bin/env node
import '../dist/crawl/command/main.js'
