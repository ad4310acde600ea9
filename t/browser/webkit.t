# What real pages do with CORS, in WebKit: without it only our reading of the standard is
# tested, and not what users have.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::BrowserCases;

Test::BrowserCases::run('webkit');
