# Makes a C file with the text of others in it:
# cmake -D OUTPUT=FILE.c -D style=FILE -D body=FILE -D "script=FILE FILE ..." -P embed.cmake
set(code "/* Made by embed.cmake. */\n#include \"page/assets.h\"\n")
foreach(name style body script)
	separate_arguments(files UNIX_COMMAND "${${name}}")
	set(bytes "")
	foreach(file ${files})
		file(READ ${file} hex HEX)
		string(APPEND bytes "${hex}")
	endforeach()
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
	string(APPEND code "const char asset_${name}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUTPUT} "${code}")
