using System.Globalization;

namespace PluginHost.WebConsole.Text;

/// <summary>Numbers and times for people.</summary>
public static class Amount
{
    private static readonly NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202F", NumberDecimalSeparator = "." };

    public static string Count(long? count) => count is { } n ? n.ToString("N0", Grouped) : "–";

    public static string Counted(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    public static string Milliseconds(double? time) => time switch
    {
        null => "–",
        < 10 and var ms => $"{ms.ToString("0.00", Grouped)} ms",
        < 1000 and var ms => $"{ms.ToString("0", Grouped)} ms",
        < 60_000 and var ms => $"{(ms / 1000).ToString("0.00", Grouped)} s",
        < 3_600_000 and var ms => $"{(int)(ms / 60_000)} min {(int)(ms / 1000) % 60} s",
        var ms => $"{(int)(ms / 3_600_000)} h {(int)(ms / 60_000) % 60} min",
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => $"{(bytes / 1024.0).ToString("0.0", Grouped)} KiB",
        _ => $"{(bytes / 1048576.0).ToString("0.0", Grouped)} MiB",
    };

    /// <summary>How long ago a time was, in one unit. assets/console.js says it in the same words.</summary>
    public static string Ago(TimeSpan time) => time.TotalSeconds switch
    {
        < 5 => "just now",
        < 60 and var s => $"{(int)s} s ago",
        < 3600 and var s => $"{(int)(s / 60)} min ago",
        < 86_400 and var s => $"{(int)(s / 3600)} h ago",
        var s => $"{(int)(s / 86_400)} d ago",
    };

    /// <summary>How long something has lasted, to the second. assets/console.js says it in the same words.</summary>
    public static string Lasted(TimeSpan time) => (long)Math.Max(0, time.TotalSeconds) switch
    {
        < 60 and var s => $"{s} s",
        < 3600 and var s => $"{s / 60} min {s % 60} s",
        var s => $"{s / 3600} h {s / 60 % 60} min {s % 60} s",
    };

    public static string Exact(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture);
}
