// What containers of libstdc++ hold.
#include <array>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

struct Point { int x, y; };

int main()
{
	std::string empty, shorts = "short", longs(300, 'q'), long_text = "a string that is longer than fifteen characters";
	std::string_view view = long_text;
	std::wstring wide = L"wide";
	std::vector<int> numbers = {1, 2, 3}, none;
	std::vector<std::string> strings = {"one", "two"};
	std::vector<bool> flags = {true, false, true};
	std::vector<Point> points = {{1, 2}, {3, 4}};
	std::vector<std::vector<int>> rows = {{1}, {2, 3}, {}};
	std::vector<int> many(300, 7);
	std::deque<int> deque;
	for (int i = 0; i < 300; i++)
		deque.push_back(i);
	for (int i = 0; i < 5; i++)
		deque.push_front(-i);
	std::deque<Point> few = {{5, 6}};
	std::list<int> list = {4, 5, 6}, no_list;
	std::list<std::string> names = {"anna", "bert"};
	std::forward_list<int> forward = {7, 8};
	std::map<int, std::string> map = {{1, "one"}, {2, "two"}, {3, "three"}};
	std::map<std::string, double> prices = {{"apple", 1.5}, {"pear", 2.25}};
	std::map<char, long> chars = {{'a', 1}, {'b', 2}};
	std::set<int> set = {9, 7, 8}, no_set;
	std::multimap<int, int> multi = {{1, 1}, {1, 2}};
	std::unordered_map<int, int> hash = {{1, 10}};
	std::unordered_map<std::string, Point> places = {{"here", {1, 1}}};
	std::unordered_set<std::string> words = {"word"};
	std::pair<int, std::string> pair = {1, "second"};
	std::tuple<int, std::string, double> tuple = {1, "two", 3.5};
	std::tuple<> no_tuple;
	std::optional<int> maybe = 5, nothing;
	std::optional<std::string> maybe_text = "text";
	std::optional<std::vector<int>> maybe_list = std::vector<int>{1, 2};
	std::variant<int, double, std::string> variant = 2.5, other = "string";
	std::unique_ptr<int> unique(new int(6)), no_unique;
	std::unique_ptr<Point> unique_point(new Point{1, 2});
	std::shared_ptr<int> shared(new int(7)), second = shared, no_shared;
	std::weak_ptr<int> weak = shared;
	std::array<int, 3> array = {1, 2, 3};
	return numbers.size() == 0; // STOP containers
	//= numbers
	//= numbers[1]
	//= numbers.size()
	//= numbers.empty()
	//= deque[3]
	//= array[2]
	//= *unique
	//= *unique_point
	//= unique_point->y
	//= *shared + 1
	//= map.size()
	//= strings
	//= map
	//= shorts
	//= rows
	//= &numbers
	//= *&numbers
	//= tuple
	//= sizeof(std::string)
	//= sizeof(std::vector<int>)
}
