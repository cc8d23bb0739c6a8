namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>Ids that have broken other stores. All are different, some only slightly.</summary>
internal static class HostileIds
{
    public static IReadOnlyList<string> All { get; } =
    [
        "../../escape", "..", ".", "...", "/etc/passwd", "a/b", "a\\b", "..\\..\\escape", "C:\\windows", "~", "a:b", "file.jsonl", "file.json", ".lock",
        "'; DROP TABLE messages; --", "\" OR \"\"=\"", "%", "_", "*", "?", "$(id)", "`id`", "a;b", "{}", "[]", "\"", "\\", "null",
        "NUL", "nul", "con", "con.txt", "AUX", "COM1", "LPT9", "PRN.json",
        "case", "Case", "CASE", "trailing.", "trailing", "trailing ", " trailing", " ", "a b", "line\nbreak", "tab\t",
        "\u00e4", "a\u0308", "\u00df", "ss", "\u0130", "i", "I", "日本語", "👩‍👩‍👧", "\u202egnp", "\u200b", "-", "--help", "0", "00",
        new string('x', 128), new string('x', 127) + "y", new string('X', 128), string.Concat(Enumerable.Repeat("👩", 64)), string.Concat(Enumerable.Repeat("../", 42)),
    ];
}
