// The one place where Boost.JSON, used without its library, is compiled.
#include <boost/json/src.hpp>
