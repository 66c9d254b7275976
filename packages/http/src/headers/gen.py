import importlib.util, os, requests, http, re
from requests.status_codes import _codes
P={s.value:s.phrase for s in http.HTTPStatus}
def camel(n):
    parts=re.split('[_-]',n); return parts[0]+''.join(p[:1].upper()+p[1:] for p in parts[1:])
extra={122:'Request-URI Too Long',306:'Switch Proxy',444:'No Response',449:'Retry With',450:'Blocked by Windows Parental Controls',499:'Client Closed Request',509:'Bandwidth Limit Exceeded',413:'Content Too Large',414:'URI Too Long',416:'Range Not Satisfiable',422:'Unprocessable Content'}
more={103:('early_hints',),508:('loop_detected',)}
allc=dict(_codes)
allc[508]=('loop_detected',)
out=[]
def lit(n): return "'"+n.replace('\\','\\\\')+"'"
for c in sorted(allc):
    names=list(allc[c])
    if c==102: names=['processing']
    if c==103: names=['early_hints','checkpoint']
    if c==122: names=['uri_too_long_122'] and ['request_uri_too_long']
    n=[lit(camel(x) if re.match(r'^[a-z]',x) else x) for x in names]
    reason=extra.get(c) or P[c]
    reason = '"'+reason+'"' if "'" in reason else "'"+reason+"'"
    out.append(f"  [{c}, {reason}, {', '.join(n)}],")
open('rows.txt','w').write('\n'.join(out))
