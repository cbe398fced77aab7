package symbols

import (
	"bytes"
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SystemDebugDir is where Linux distributions put separate debug files.
const SystemDebugDir = "/usr/lib/debug"

// ErrNoDebugInfo: neither a file nor a separate debug file of it has DWARF.
var ErrNoDebugInfo = errors.New("no debug information")

// A debugFile is an ELF file with debug information: the program or library
// itself, its separate debug file, or the supplementary file that dwz has made
// for several of them.
type debugFile struct {
	elf      *elf.File
	path     string    // "" for the program or library itself
	content  io.Closer // nil likewise
	sections map[string]section
}

type section struct {
	data []byte
	err  error
}

// A debugSearch says where separate debug files may be.
type debugSearch struct {
	dirs []string // as /usr/lib/debug
	path string   // of the program or library
}

// debug finds the file's debug information.
func (f *File) debug() (*debugFile, error) {
	if f.debugInfo == nil && f.debugErr == nil {
		f.debugInfo, f.debugErr = f.findDebug()
	}
	return f.debugInfo, f.debugErr
}

func (f *File) findDebug() (*debugFile, error) {
	own := &debugFile{elf: f.elf, sections: map[string]section{}}
	if own.has(".debug_info") {
		return own, nil
	}
	id := buildID(f.elf)
	var looked []string
	for _, path := range f.search.byBuildID(id) {
		looked = append(looked, path)
		if d := openDebug(path, id, nil); d != nil {
			return d, nil
		}
	}
	if name, crc, ok := own.link(); ok {
		for _, path := range f.search.byLink(name) {
			looked = append(looked, path)
			if d := openDebug(path, id, &crc); d != nil {
				return d, nil
			}
		}
	}
	if len(looked) == 0 {
		return nil, fmt.Errorf("%w: it was not compiled with -g, and names no separate debug file", ErrNoDebugInfo)
	}
	return nil, fmt.Errorf("%w: it has none itself, and its debug file is not at %s; install it, or name its directory",
		ErrNoDebugInfo, strings.Join(looked, ", "))
}

// byBuildID is where a debug file with a build-id may be.
func (s debugSearch) byBuildID(id []byte) (paths []string) {
	if len(id) < 2 {
		return nil
	}
	name := hex.EncodeToString(id)
	for _, dir := range s.dirs {
		paths = append(paths, filepath.Join(dir, ".build-id", name[:2], name[2:]+".debug"))
	}
	return paths
}

// byLink is where a debug file of this name may be, as gdb looks for it.
func (s debugSearch) byLink(name string) (paths []string) {
	dir := filepath.Dir(s.path)
	if filepath.IsAbs(dir) {
		paths = append(paths, filepath.Join(dir, name), filepath.Join(dir, ".debug", name))
	}
	for _, d := range s.dirs {
		paths = append(paths, filepath.Join(d, dir, name), filepath.Join(d, name))
	}
	return slices.Compact(paths)
}

// openDebug opens a debug file if it is the right one: by its build-id, or by
// the checksum if there is none. The names come from a recording that may be a
// stranger's: only regular files are opened.
func openDebug(path string, id []byte, crc *uint32) *debugFile {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	r, err := os.Open(path)
	if err != nil {
		return nil
	}
	f, err := elf.NewFile(r)
	if err == nil && f.Class == elf.ELFCLASS64 && f.Machine == elf.EM_X86_64 {
		found := buildID(f)
		same := bytes.Equal(found, id)
		if len(found) == 0 || len(id) == 0 {
			same = crc != nil && checksum(r) == *crc
		}
		d := &debugFile{elf: f, path: path, content: r, sections: map[string]section{}}
		if same && d.has(".debug_info") {
			return d
		}
	}
	_ = r.Close() // it was only read
	return nil
}

func checksum(r io.ReaderAt) uint32 {
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, 1<<62)); err != nil {
		return 0
	}
	return sum.Sum32()
}

// link reads .gnu_debuglink: a name, zeros up to a multiple of 4, a checksum.
func (d *debugFile) link() (name string, crc uint32, ok bool) {
	data, err := d.section(".gnu_debuglink")
	end := bytes.IndexByte(data, 0)
	if err != nil || end <= 0 {
		return "", 0, false
	}
	at := (end + 4) &^ 3
	if len(data) < at+4 || strings.Contains(string(data[:end]), "/") {
		return "", 0, false
	}
	return string(data[:end]), binary.LittleEndian.Uint32(data[at:]), true
}

// supplement opens the file that .gnu_debugaltlink names: dwz moves there what
// the debug files of a package have in common. nil and no error: there is no link.
func (d *debugFile) supplement(s debugSearch) (*debugFile, error) {
	if !d.has(".gnu_debugaltlink") {
		return nil, nil
	}
	data, err := d.section(".gnu_debugaltlink")
	if err != nil {
		return nil, err
	}
	path, id, ok := strings.Cut(string(data), "\x00")
	if !ok {
		return nil, errors.New("section .gnu_debugaltlink has no end")
	}
	var paths []string
	if filepath.IsAbs(path) {
		paths = append(paths, path)
	} else {
		paths = append(paths, filepath.Join(filepath.Dir(cmp.Or(d.path, s.path)), path))
	}
	for _, dir := range s.dirs {
		paths = append(paths, filepath.Join(dir, ".dwz", filepath.Base(path)))
	}
	paths = append(paths, s.byBuildID([]byte(id))...)
	for _, p := range paths {
		if a := openDebug(p, []byte(id), nil); a != nil {
			return a, nil
		}
	}
	return nil, fmt.Errorf("the supplementary debug file is not at %s: names and types that are in it are missing; install the package that has it",
		strings.Join(paths, ", "))
}

// has says whether there is a section with content.
func (d *debugFile) has(name string) bool {
	s := d.find(name)
	return s != nil && s.Type != elf.SHT_NOBITS && s.FileSize > 0
}

// find finds a section; older compilers call a compressed .debug_x .zdebug_x.
func (d *debugFile) find(name string) *elf.Section {
	if s := d.elf.Section(name); s != nil {
		return s
	}
	if rest, ok := strings.CutPrefix(name, ".debug_"); ok {
		return d.elf.Section(".zdebug_" + rest)
	}
	return nil
}

// section is the content of a section, unpacked; none if it is missing.
func (d *debugFile) section(name string) ([]byte, error) {
	s, ok := d.sections[name]
	if !ok {
		if d.has(name) {
			if s.data, s.err = unpack(d.find(name)); s.err != nil {
				s.err = fmt.Errorf("section %s: %w", name, s.err)
			}
		}
		d.sections[name] = s
	}
	return s.data, s.err
}

// maxPacking is how many times smaller a compressed section may be. Debug
// information packs 3 to 10 times; a file that unpacks to all memory is a trap.
const maxPacking = 64

var errPacked = fmt.Errorf("it unpacks to more than %d times its size", maxPacking)

func unpack(s *elf.Section) ([]byte, error) {
	limit := s.FileSize*maxPacking + 1<<20
	if s.Flags&elf.SHF_COMPRESSED != 0 {
		if s.Size > limit {
			return nil, errPacked
		}
		return s.Data()
	}
	data, err := readAll(s)
	if err != nil || !strings.HasPrefix(s.Name, ".zdebug_") || !bytes.HasPrefix(data, []byte("ZLIB")) {
		return data, err
	}
	return inflate(data, limit)
}

// readAll reads a section in one piece, if the file is as long as the section's header says.
func readAll(s *elf.Section) ([]byte, error) {
	if n, err := s.ReadAt(make([]byte, 1), int64(s.FileSize)-1); n == 0 {
		return nil, err
	}
	data := make([]byte, s.FileSize)
	if n, err := s.ReadAt(data, 0); n < len(data) {
		return nil, err
	}
	return data, nil
}

// buildID is the identification that the linker gave a file; nil if there is none.
func buildID(f *elf.File) []byte {
	const ntBuildID = 3
	s := f.Section(".note.gnu.build-id")
	if s == nil || s.Type != elf.SHT_NOTE || s.Flags&elf.SHF_COMPRESSED != 0 {
		return nil
	}
	data, err := s.Data()
	if err != nil || len(data) < 16 || binary.LittleEndian.Uint32(data[8:]) != ntBuildID || string(data[12:16]) != "GNU\x00" {
		return nil
	}
	size := binary.LittleEndian.Uint32(data[4:])
	if uint64(size) > uint64(len(data)-16) {
		return nil
	}
	return data[16 : 16+size]
}

// Section is the content of a section with debug information, such as .debug_loclists,
// from the file itself or from its separate debug file. It is empty if there is none.
func (f *File) Section(name string) ([]byte, error) {
	d, err := f.debug()
	if err != nil {
		return nil, err
	}
	return d.section(name)
}

// DWARF is the file's debug information, from itself or from its separate debug
// file. The error is ErrNoDebugInfo if there is none.
func (f *File) DWARF() (*dwarf.Data, error) {
	if f.dwarf == nil && f.dwarfErr == nil {
		f.dwarf, f.dwarfErr = f.readDWARF()
	}
	return f.dwarf, f.dwarfErr
}

func (f *File) readDWARF() (data *dwarf.Data, err error) {
	d, err := f.debug()
	if err != nil {
		return nil, err
	}
	defer func() { // the library says that it may panic
		if r := recover(); r != nil {
			data, err = nil, fmt.Errorf("reading the debug information: it is damaged: %v", r)
		}
	}()
	var sections [5][]byte
	for i, name := range []string{".debug_abbrev", ".debug_info", ".debug_line", ".debug_ranges", ".debug_str"} {
		if sections[i], err = d.section(name); err != nil {
			return nil, fmt.Errorf("reading the debug information: %w", err)
		}
	}
	data, err = dwarf.New(sections[0], nil, nil, sections[1], sections[2], nil, sections[3], sections[4])
	if err != nil {
		return nil, fmt.Errorf("reading the debug information: %w", err)
	}
	for _, name := range []string{".debug_addr", ".debug_line_str", ".debug_str_offsets", ".debug_rnglists", ".debug_types"} {
		content, err := d.section(name)
		if err == nil && name == ".debug_types" {
			err = data.AddTypes(name, content)
		} else if err == nil {
			err = data.AddSection(name, content)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the debug information: %w", err)
		}
	}
	return data, nil
}

// Missing says what of the debug information cannot be had, and what the user can
// do about it, in one text for each thing.
func (f *File) Missing() (list []string) {
	n, err := f.info()
	if err != nil {
		return []string{err.Error()}
	}
	if n.altErr != nil {
		list = append(list, n.altErr.Error())
	}
	for _, u := range n.units {
		if _, split := u.root.value(atSplit); split {
			return append(list, "it was compiled with -gsplit-dwarf: functions are known by their symbols only, variables are not; compile it without that option")
		}
	}
	return list
}
