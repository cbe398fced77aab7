package x86

// table0F is the map of opcodes after 0F.
const table0F = `
00           sldt,str           /0,1 w2
00           lldt,ltr           /2,3 r2 trap
00           verr,verw          /4,5 r2 f:zf
00           lkgs               /6 f2 r2 trap
01           sgdt,sidt          mem /0,1 w10
01           lgdt,lidt          mem /2,3 r10 trap
01           smsw               /4 w2
01           rstorssp           mem /5 f3 rw8 f:all
01           lmsw               /6 r2 trap
01           invlpg             mem /7 trap
01           enclv              =c0 trap
01           vmcall             =c1
01           vmlaunch...        =c2-c4 trap f:all
01           pconfig            =c5 trap f:all
01           wrmsrns...         =c6 trap
01           pbndkb             =c7 np trap f:all
01           monitor,mwait      =c8,c9 trap
01           clac,stac          =ca,cb trap f:stac
01           seam...            =cc-ce 66 trap f:all
01           encls              =cf trap f:all
01           xgetbv             =d0
01           xsetbv             =d1 trap
01           vmfunc             =d4
01           xend               =d5
01           xtest              =d6 f:all
01           enclu              =d7 far f:all
01           vmrun              =d8 trap
01           vmmcall            =d9
01           vmload...invlpga   =da-df trap
01           serialize          =e8 np
01           xsusldtrk          =e8 f2
01           setssbsy           =e8 f3 trap
01           xresldtrk          =e9 f2
01           saveprevssp        =ea f3 f:ifc
01           uiret              =ec f3 far pop r0 f:popf
01           testui             =ed f3 f:all
01           rdpkru,wrpkru      =ee,ef np
01           clui,stui          =ee,ef f3
01           swapgs             =f8 trap
01           rdtscp             =f9
01           monitorx           =fa np,66,f2
01           mcommit            =fa f3 f:all
01           mwaitx             =fb
01           clzero             =fc atrax w0
01           rdpru              =fd np f:all
01           rmpquery           =fd f3 trap f:all
01           invlpgb            =fe np trap
01           rmpadjust          =fe f3 trap f:all
01           rmpupdate          =fe f2 trap f:all
01           tlbsync            =ff np trap
01           psmash             =ff f3 trap f:all
01           pvalidate          =ff f2 trap f:all
02,03        lar,lsl            /r r2 f:zf
05           syscall            syscall f:pushf
06           clts               trap
07           sysret             far f:popf
08,09        invd,wbinvd        trap
0b           ud2                trap
0d           prefetchw          /r
0e           femms
10           movups,movupd      np,66 /r r16
10           movss              f3 /r r4
10           movsd              f2 /r r8
11           movups,movupd      np,66 /r w16
11           movss              f3 /r w4
11           movsd              f2 /r w8
12           movlps,movhlps     np /r r8
12           movlpd             66 mem r8
12           movsldup           f3 /r r16
12           movddup            f2 /r r8
13           movlps,movlpd      np,66 mem w8
14,15        unpcklps           np,66 /r r16
16           movhps,movlhps     np /r r8
16           movhpd             66 mem r8
16           movshdup           f3 /r r16
17           movhps,movhpd      np,66 mem w8
18,19,1c-1f  nop,prefetch,endbr /r
1a           bndmov             66 mem r16
1a           bndldx,bndcl       66 reg
1a           bndldx,bndcl       np,f3,f2 /r
1b           bndmov             66 mem w16
1b           bndstx,bndmk       66 reg
1b           bndstx,bndmk       np,f3,f2 /r
20-23        mov-cr,mov-dr      registers trap f:div
28           movaps,movapd      np,66 /r r16
29           movaps,movapd      np,66 /r w16
2a           cvtpi2ps,cvtpi2pd  np,66 /r r8
2a           cvtsi2ss,cvtsi2sd  f3,f2 /r ry
2b           movntps,movntpd    np,66 mem w16
2b           movntss            f3 mem w4
2b           movntsd            f2 mem w8
2c,2d        cvttps2pi          np /r r8
2c,2d        cvttpd2pi          66 /r r16
2c,2d        cvttss2si          f3 /r r4
2c,2d        cvttsd2si          f2 /r r8
2e,2f        ucomiss            np /r r4 f:all
2e,2f        ucomisd            66 /r r8 f:all
30           wrmsr              trap
31           rdtsc
32           rdmsr              trap
33           rdpmc
34           sysenter           trap
35           sysexit            trap
37           getsec
40-4f        cmovcc             /r rv f:cc
50           movmskps           np,66 reg
51           sqrt               np,66 /r r16
51           sqrtss             f3 /r r4
51           sqrtsd             f2 /r r8
52,53        rsqrtps,rcpps      np /r r16
52,53        rsqrtss,rcpss      f3 /r r4
54-57        andps...xorps      np,66 /r r16
58,59,5c-5f  addps...maxps      np,66 /r r16
58,59,5c-5f  addss...maxss      f3 /r r4
58,59,5c-5f  addsd...maxsd      f2 /r r8
5a           cvtps2pd           np /r r8
5a           cvtpd2ps           66 /r r16
5a           cvtss2sd           f3 /r r4
5a           cvtsd2ss           f2 /r r8
5b           cvtdq2ps...        np,66,f3 /r r16
60-62        punpckl            np /r r4
60-62        punpckl            66 /r r16
63-6b        packsswb...        mmx /r
6c,6d        punpcklqdq         66 /r r16
6e           movd,movq          np,66 /r ry
6f           movq               np /r r8
6f           movdqa,movdqu      66,f3 /r r16
70           pshufw             np /r r8 ib
70           pshufd...          66,f3,f2 /r r16 ib
71,72        psrlw...           np,66 reg /2,4,6 ib
73           psrlq,psllq        np,66 reg /2,6 ib
73           psrldq,pslldq      66 reg /3,7 ib
74-76        pcmpeq             mmx /r
77           emms               np
78           vmread             np /r w8 trap f:all
78           extrq              66 reg /0 ib,ib
78           insertq            f2 reg /r ib,ib
79           vmwrite            np /r r8 trap f:all
79           extrq,insertq      66,f2 reg /r
7c,7d        haddpd,haddps      66,f2 /r r16
7e           movd,movq          np,66 /r wy
7e           movq               f3 /r r8
7f           movq               np /r w8
7f           movdqa,movdqu      66,f3 /r w16
80-8f        jcc                id jcc f:cc
90-9f        setcc              /r w1 f:cc
a0,a8        push               push ws
a1,a9        pop                pop rs
a2           cpuid
a3           bt                 mem /r r0 bitstring f:bt
a3           bt                 reg /r f:bt
a4,ac        shld,shrd          /r rwv ib f:double
a5,ad        shld,shrd          /r rwv f:shiftcl
aa           rsm                trap
ab,b3,bb     bts,btr,btc        mem /r rw0 bitstring lock f:bt
ab,b3,bb     bts,btr,btc        reg /r f:bt
ae           fxsave             np mem /0 w512
ae           fxrstor            np mem /1 r512
ae           ldmxcsr            np mem /2 r4
ae           stmxcsr            np mem /3 w4
ae           xsave,xsaveopt     np mem /4,6 rw0
ae           xrstor             np mem /5 r0
ae           clflush            np mem /7 r0
ae           clwb,clflushopt    66 mem /6,7 r0
ae           ptwrite            f3 /4 ry
ae           clrssbsy           f3 mem /6 rw8 trap f:all
ae           rdfsbase...        f3 reg /0-3
ae           incssp             f3 reg /5
ae           umonitor           f3 reg /6
ae           umwait,tpause      66,f2 reg /6 f:all
ae           fences             np reg /5-7
af           imul               /r rv f:mul
b0           cmpxchg            /r rw1 lock f:add
b1           cmpxchg            /r rwv lock f:add
b2,b4,b5     lss,lfs,lgs        mem /r rfar
b6,be        movzx,movsx        /r r1
b7,bf        movzx,movsx        /r r2
b8           popcnt             f3 /r rv f:all
b9,ff        ud1,ud0            /r trap
ba           bt                 /4 rv ib f:bt
ba           bts,btr,btc        /5-7 rwv ib lock f:bt
bc,bd        bsf,bsr            np,66,f2 /r rv f:bsf
bc,bd        tzcnt,lzcnt        f3 /r rv f:tzcnt
c0           xadd               /r rw1 lock f:add
c1           xadd               /r rwv lock f:add
c2           cmpps,cmppd        np,66 /r r16 ib
c2           cmpss              f3 /r r4 ib
c2           cmpsd              f2 /r r8 ib
c3           movnti             np mem /r wy
c4           pinsrw             np,66 /r r2 ib
c5           pextrw             np,66 reg ib
c6           shufps             np,66 /r r16 ib
c7           cmpxchg8b          mem /1 rwpair lock f:zf
c7           xrstors            np mem /3 r0 trap
c7           xsavec             np mem /4 w0
c7           xsaves             np mem /5 w0 trap
c7           vmptrld            np mem /6 r8 trap f:all
c7           vmclear            66 mem /6 w8 trap f:all
c7           vmxon              f3 mem /6 r8 trap f:all
c7           vmptrst            np mem /7 w8 trap f:all
c7           rdrand,rdseed      np,66 reg /6,7 f:all
c7           senduipi           f3 reg /6
c7           rdpid              f3 reg /7
c8-cf        bswap
d0           addsubps           66,f2 /r r16
d1-d5,d8-df  psrlw...           mmx /r
d6           movq               66 /r w8
d6           movq2dq,movdq2q    f3,f2 reg
d7           pmovmskb           np,66 reg
e0-e5,e8-ef  pavgb...           mmx /r
e6           cvtpd2dq           66,f2 /r r16
e6           cvtdq2pd           f3 /r r8
e7           movntq             np mem w8
e7           movntdq            66 mem w16
f0           lddqu              f2 mem r16
f1-f6,f8-fe  psllw...           mmx /r
f7           maskmovq           np reg destination w8
f7           maskmovdqu         66 reg destination w16
`

// table3DNow is the map of the opcodes that come last, after 0F 0F and the operands.
const table3DNow = `
0c,0d,1c,1d          pi2fw,pi2fd,pf2iw,pf2id    /r r8
86,87                pfrcpv,pfrsqrtv            /r r8
8a,8e                pfnacc,pfpnacc             /r r8
90,94,96,97,9a,9e    pfcmpge...pfadd            /r r8
a0,a4,a6,a7,aa,ae    pfcmpgt...pfacc            /r r8
b0,b4,b6,b7,bb,bf    pfcmpeq...pavgusb          /r r8
`
