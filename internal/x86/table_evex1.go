package x86

// tableEVEX1 is EVEX map 1 (0F).
const tableEVEX1 = `
10           movups,movupd      ps/pd /r kz rl
10           movss,movsd        ss/sd mem kz
10,11        movss,movsd        ss/sd reg v kz
11           movups,movupd      ps/pd /r kz wl
11           movss              f3 W0 mem k w4
11           movsd              f2 W1 mem k w8
12           movlps,movhlps     np W0 l0 /r v r8
12           movlpd             66 W1 l0 mem v r8
12           movsldup           f3 W0 /r kz rl
12           movddup            f2 W1 /r kz rdup
13,17        movlps             np W0 l0 mem w8
13,17        movlpd             66 W1 l0 mem w8
14,15        unpcklps           ps/pd /r v kz rl bc
16           movhps,movlhps     np W0 l0 /r v r8
16           movhpd             66 W1 l0 mem v r8
16           movshdup           f3 W0 /r kz rl
28           movaps,movapd      ps/pd /r kz rl
29           movaps,movapd      ps/pd /r kz wl
2a           cvtsi2ss,cvtsi2sd  f3,f2 /r v ry er
2b           movntps,movntpd    ps/pd mem wl
2c,2d        cvttss2si          f3 /r gpr r4 er
2c,2d        cvttsd2si          f2 /r gpr r8 er
2e,2f        ucomiss            np W0 /r r4 sae f:all
2e,2f        ucomisd            66 W1 /r r8 sae f:all
51           sqrtps,sqrtpd      ps/pd /r kz rl bc er
51           sqrtss,sqrtsd      ss/sd /r v kz er
54-57        andps...           ps/pd /r v kz rl bc
58,59,5c-5f  addps...maxps      ps/pd /r v kz rl bc er
58,59,5c-5f  addss...maxss      ss/sd /r v kz er
5a           cvtps2pd           np W0 /r kz rl/2 bc4 sae
5a           cvtpd2ps           66 W1 /r kz rl bc8 er
5a           cvtss2sd,cvtsd2ss  ss/sd /r v kz er
5b           cvtdq2ps           np W0 /r kz rl bc4 er
5b           cvtqq2ps           np W1 /r kz rl bc8 er
5b           cvtps2dq           66 W0 /r kz rl bc4 er
5b           cvttps2dq          f3 W0 /r kz rl bc4 sae
60,61,63,67-69  punpcklbw...    66 /r v kz rl
62,6a,6b     punpckldq...       66 W0 /r v kz rl bc4
64,65        pcmpgtb,pcmpgtw    66 /r v k kreg rl
66           pcmpgtd            66 W0 /r v k kreg rl bc4
6c,6d        punpcklqdq         66 W1 /r v kz rl bc8
6e           movd,movq          66 l0 /r ry
6f           movdqa             66 /r kz rl
6f           movdqu             f3,f2 /r kz rl
70           pshufd             66 W0 /r kz rl bc4 ib
70           pshufhw,pshuflw    f3,f2 /r kz rl ib
71           psrlw...           66 /2,4,6 v kz rl ib
72           pror,prol          d/q /0,1 v kz rl bc ib
72           psrld              66 W0 /2,6 v kz rl bc4 ib
72           psrad,psraq        d/q /4 v kz rl bc ib
73           psrlq,psllq        66 W1 /2,6 v kz rl bc8 ib
73           psrldq,pslldq      66 /3,7 v rl ib
74,75        pcmpeqb,pcmpeqw    66 /r v k kreg rl
76           pcmpeqd            66 W0 /r v k kreg rl bc4
78           cvttps2udq         np W0 /r kz rl bc4 sae
78           cvttpd2udq         np W1 /r kz rl bc8 sae
79           cvtps2udq          np W0 /r kz rl bc4 er
79           cvtpd2udq          np W1 /r kz rl bc8 er
78,79,7a,7b  cvttps2uqq...      66 W0 /r kz rl/2 bc4 er
78,79,7a,7b  cvttpd2uqq...      66 W1 /r kz rl bc8 er
78,79        cvttss2usi         f3 /r gpr r4 er
78,79        cvttsd2usi         f2 /r gpr r8 er
7a           cvtudq2pd          f3 W0 /r kz rl/2 bc4 er
7a           cvtuqq2pd          f3 W1 /r kz rl bc8 er
7a           cvtudq2ps          f2 W0 /r kz rl bc4 er
7a           cvtuqq2ps          f2 W1 /r kz rl bc8 er
7b           cvtusi2ss          f3,f2 /r v ry er
7e           movd,movq          66 l0 /r wy
7e           movq               f3 W1 l0 /r r8
7f           movdqa,movdqu      66,f3,f2 /r kz wl
c2           cmpps,cmppd        ps/pd /r v k kreg rl bc ib sae
c2           cmpss,cmpsd        ss/sd /r v k kreg ib sae
c4           pinsrw             66 l0 /r v r2 ib
c5           pextrw             66 l0 reg gpr ib
c6           shufps             ps/pd /r v kz rl bc ib
d1,e1,f1     psrlw...           66 /r v kz r16
d2,f2        psrld,pslld        66 W0 /r v kz r16
d3,f3        psrlq,psllq        66 W1 /r v kz r16
d4,f4,fb     paddq...           66 W1 /r v kz rl bc8
d5,d8-da,dc-de,e0  pmullw...    66 /r v kz rl
d6           movq               66 W1 l0 /r w8
db,df,eb,ef  pand...pxor        d/q /r v kz rl bc
e2           psrad,psraq        66 /r v kz r16
e3-e5,e8-ea,ec-ee,f5,f8,f9,fc,fd  pavgw...  66 /r v kz rl
e6           cvttpd2dq          66 W1 /r kz rl bc8 sae
e6           cvtpd2dq           f2 W1 /r kz rl bc8 er
e6           cvtdq2pd           f3 W0 /r kz rl/2 bc4 er
e6           cvtqq2pd           f3 W1 /r kz rl bc8 er
e7           movntdq            66 W0 mem wl
f6           psadbw             66 /r v rl
fa,fe        psubd,paddd        66 W0 /r v kz rl bc4
`
