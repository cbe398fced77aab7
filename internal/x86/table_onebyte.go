package x86

// tableOneByte is the map of one-byte opcodes, without x87. Absent are prefixes and escapes, and what
// 64-bit mode does not have: 06 07 0e 16 17 1e 1f 27 2f 37 3f 60-62 82 9a ce d4-d6 ea.
const tableOneByte = `
00,28        add,sub            /r rw1 lock f:add
01,29        add,sub            /r rwv lock f:add
02,2a        add,sub            /r r1 f:add
03,2b        add,sub            /r rv f:add
04,2c        add,sub            ib f:add
05,2d        add,sub            iz f:add
08,20,30     or,and,xor         /r rw1 lock f:logic
09,21,31     or,and,xor         /r rwv lock f:logic
0a,22,32     or,and,xor         /r r1 f:logic
0b,23,33     or,and,xor         /r rv f:logic
0c,24,34     or,and,xor         ib f:logic
0d,25,35     or,and,xor         iz f:logic
10,18        adc,sbb            /r rw1 lock f:adc
11,19        adc,sbb            /r rwv lock f:adc
12,1a        adc,sbb            /r r1 f:adc
13,1b        adc,sbb            /r rv f:adc
14,1c        adc,sbb            ib f:adc
15,1d        adc,sbb            iz f:adc
38,3a        cmp                /r r1 f:add
39,3b        cmp                /r rv f:add
3c           cmp                ib f:add
3d           cmp                iz f:add

50-57        push               push ws
58-5f        pop                pop rs
63           movsxd             /r rz
68           push               iz push ws
69           imul               /r rv iz f:mul
6a           push               ib push ws
6b           imul               /r rv ib f:mul
6c           insb               destination w1 f:df trap
6d           ins                destination wz f:df trap
6e           outsb              source r1 f:df trap
6f           outs               source rz f:df trap
70-7f        jcc                ib jcc f:cc

80           add,sub            /0,5 rw1 ib lock f:add
80           or,and,xor         /1,4,6 rw1 ib lock f:logic
80           adc,sbb            /2,3 rw1 ib lock f:adc
80           cmp                /7 r1 ib f:add
81           add,sub            /0,5 rwv iz lock f:add
81           or,and,xor         /1,4,6 rwv iz lock f:logic
81           adc,sbb            /2,3 rwv iz lock f:adc
81           cmp                /7 rv iz f:add
83           add,sub            /0,5 rwv ib lock f:add
83           or,and,xor         /1,4,6 rwv ib lock f:logic
83           adc,sbb            /2,3 rwv ib lock f:adc
83           cmp                /7 rv ib f:add
84           test               /r r1 f:logic
85           test               /r rv f:logic
86           xchg               /r rw1 lock
87           xchg               /r rwv lock
88           mov                /r w1
89           mov                /r wv
8a           mov                /r r1
8b           mov                /r rv
8c           mov-from-segment   /0-5 w2
8d           lea                mem /r
8e           mov-to-segment     /0,2-5 r2
8f           pop                /0 ws pop           # with other ModRMs: XOP, or undefined
90-97        nop,pause,xchg
98,99        cwde,cdq
9b           fwait
9c           pushf              push ws f:pushf
9d           popf               pop rs f:popf
9e           sahf               f:sahf
9f           lahf               f:lahf
a0           mov                moffs r1
a1           mov                moffs rv
a2           mov                moffs w1
a3           mov                moffs wv
a4           movsb              both rw1 f:df
a5           movs               both rwv f:df
a6           cmpsb              both r1 f:cmps
a7           cmps               both rv f:cmps
a8           test               ib f:logic
a9           test               iz f:logic
aa           stosb              destination w1 f:df
ab           stos               destination wv f:df
ac           lodsb              source r1 f:df
ad           lods               source rv f:df
ae           scasb              destination r1 f:cmps
af           scas               destination rv f:cmps
b0-b7        mov                ib
b8-bf        mov                iv

c0           rol,ror            /0,1 rw1 ib f:rotate
c0           rcl,rcr            /2,3 rw1 ib f:rotatec
c0           shl,shr,sal,sar    /4-7 rw1 ib f:shift
c1           rol,ror            /0,1 rwv ib f:rotate
c1           rcl,rcr            /2,3 rwv ib f:rotatec
c1           shl,shr,sal,sar    /4-7 rwv ib f:shift
c2           ret                iw ret pop r8
c3           ret                ret pop r8
c6           mov                mem /0 w1 ib
c6           mov                reg /0 ib
c6           xabort             =f8 ib
c7           mov                mem /0 wv iz
c7           mov                reg /0 iz
c7           xbegin             =f8 iz xbegin
c8           enter              iw,ib push w0
c9           leave              pop rs
ca           retf               iw far pop r0
cb           retf               far pop r0
cc           int3               trap
cd           int                ib trap
cf           iret               far pop r0 f:popf
d0           rol,ror            /0,1 rw1 f:rot1
d0           rcl,rcr            /2,3 rw1 f:rotc1
d0           shl,shr,sal,sar    /4-7 rw1 f:shift1
d1           rol,ror            /0,1 rwv f:rot1
d1           rcl,rcr            /2,3 rwv f:rotc1
d1           shl,shr,sal,sar    /4-7 rwv f:shift1
d2           rol,ror,rcl,rcr    /0-3 rw1 f:rotcl
d2           shl,shr,sal,sar    /4-7 rw1 f:shiftcl
d3           rol,ror,rcl,rcr    /0-3 rwv f:rotcl
d3           shl,shr,sal,sar    /4-7 rwv f:shiftcl
d7           xlat               atrbx r1

e0,e1        loopne,loope       ib count f:ifz
e2,e3        loop,jrcxz         ib count
e4,e5        in                 ib trap
e6,e7        out                ib trap
e8           call               id call push w8
e9           jmp                id jump
eb           jmp                ib jump
ec-ef        in,out             trap
f1           int1               trap
f4           hlt                trap
f5           cmc                f:cmc
f6           test               /0,1 r1 ib f:logic
f6           not                /2 rw1 lock
f6           neg                /3 rw1 lock f:add
f6           mul,imul           /4,5 r1 f:mul
f6           div,idiv           /6,7 r1 f:div
f7           test               /0,1 rv iz f:logic
f7           not                /2 rwv lock
f7           neg                /3 rwv lock f:add
f7           mul,imul           /4,5 rv f:mul
f7           div,idiv           /6,7 rv f:div
f8,f9        clc,stc            f:cf
fa,fb        cli,sti            trap f:cli
fc,fd        cld,std            f:cld
fe           inc,dec            /0,1 rw1 lock f:inc
ff           inc,dec            /0,1 rwv lock f:inc
ff           call               /2 r8 callind push
ff           callf              mem /3 rfar far push
ff           jmp                /4 r8 jumpind
ff           jmpf               mem /5 rfar far
ff           push               /6 rs push
`

// tableX87 is the part of the one-byte map with ModRM bytes of its own. Some
// encodings do the same as others, as the 80287 left them: fcom2, fxch4.
const tableX87 = `
d8           fadd...            mem /r r4
d8           fadd...            reg /r
d9           fld                mem /0 r4
d9           fst,fstp           mem /2,3 w4
d9           fldenv             mem /4 renv
d9           fldcw              mem /5 r2
d9           fnstenv            mem /6 wenv
d9           fnstcw             mem /7 w2
d9           fld,fxch           reg /0,1
d9           fnop               =d0
d9           fstp1              reg /3
d9           fchs,fabs          =e0,e1
d9           ftst,fxam          =e4,e5
d9           fld1...fldz        =e8-ee
d9           f2xm1...           reg /6,7
da           fiadd...           mem /r r4
da           fcmovb             reg /0 f:ifc
da           fcmove             reg /1 f:ifz
da           fcmovbe            reg /2 f:ifbe
da           fcmovu             reg /3 f:ifp
da           fucompp            =e9
db           fild               mem /0 r4
db           fisttp,fist,fistp  mem /1-3 w4
db           fld                mem /5 r10
db           fstp               mem /7 w10
db           fcmovnb            reg /0 f:ifc
db           fcmovne            reg /1 f:ifz
db           fcmovnbe           reg /2 f:ifbe
db           fcmovnu            reg /3 f:ifp
db           feni...fnsetpm     =e0-e4
db           fucomi,fcomi       reg /5,6 f:all
dc           fadd...            mem /r r8
dc           fadd...            reg /r
dd           fld                mem /0 r8
dd           fisttp,fst,fstp    mem /1-3 w8
dd           frstor             mem /4 rsave
dd           fnsave             mem /6 wsave
dd           fnstsw             mem /7 w2
dd           ffree...fucomp     reg /0-5
de           fiadd...           mem /r r2
de           faddp...           reg /0-2,4-7
de           fcompp             =d9
df           fild               mem /0 r2
df           fisttp,fist,fistp  mem /1-3 w2
df           fbld               mem /4 r10
df           fild               mem /5 r8
df           fbstp              mem /6 w10
df           fistp              mem /7 w8
df           ffreep...fstp9     reg /0-3
df           fnstsw             =e0
df           fucomip,fcomip     reg /5,6 f:all
`
