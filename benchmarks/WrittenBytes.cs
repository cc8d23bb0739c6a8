using System.Globalization;

namespace PluginHost.Benchmarks;

/// <summary>The bytes that a process has passed to writes of files: the log, and its copy into the database. Only Linux counts them.</summary>
internal static class WrittenBytes
{
    public static long OfThisProcess => Read("self");

    public static long Of(int process) => Read(process.ToString(CultureInfo.InvariantCulture));

    private static long Read(string process)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        var line = File.ReadLines($"/proc/{process}/io").First(l => l.StartsWith("wchar:", StringComparison.Ordinal));
        return long.Parse(line["wchar:".Length..], CultureInfo.InvariantCulture);
    }
}
