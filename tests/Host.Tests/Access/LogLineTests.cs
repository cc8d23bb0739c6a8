using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Telemetry.Logs;

namespace PluginHost.Tests.Access;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("a\nfail: b", @"a\u000afail: b")]
    [InlineData("a\r\nb", @"a\u000d\u000ab")]
    [InlineData("\u001b[2Jgone", @"\u001b[2Jgone")]
    [InlineData("\u0085\u2028\u2029", @"\u0085\u2028\u2029")]
    [InlineData("\u202etxt.exe\u200b", @"\u202etxt.exe\u200b")]
    [InlineData("tab\tnul\0del\u007f", @"tab\u0009nul\u0000del\u007f")]
    [InlineData("Grüße 日本 👩 {x}", "Grüße 日本 👩 {x}")]
    public void A_log_entry_is_one_line(string text, string expected) =>
        Assert.Equal($"2026-01-01T12:34:56.789Z warn: Category[7] {expected}{Environment.NewLine}", Write(text, null));

    [Fact]
    public void An_exception_is_on_the_same_line()
    {
        var line = Write("failed", new InvalidOperationException("first\nsecond\u001b"));
        Assert.EndsWith(@"Category[7] failed System.InvalidOperationException: first second\u001b" + Environment.NewLine, line, StringComparison.Ordinal);
    }

    private static string Write(string text, Exception? exception)
    {
        using var writer = new StringWriter();
        var formatter = new LineFormatter(new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 34, 56, 789, TimeSpan.Zero)));
        var entry = new LogEntry<string>(LogLevel.Warning, "Category", 7, text, exception, (state, _) => state);
        formatter.Write(entry, null, writer);
        return writer.ToString();
    }
}
