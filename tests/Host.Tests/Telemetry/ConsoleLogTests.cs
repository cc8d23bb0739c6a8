using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Telemetry.Logs;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class ConsoleLogTests
{
    [Fact]
    public void As_json_a_line_tells_the_trace_the_session_and_the_values()
    {
        using var services = Configure(("Logging:Console:FormatterName", "json"));
        using var activity = new Activity("run").SetTag("gen_ai.conversation.id", "ada").SetTag("gen_ai.agent.name", "assistant").Start();

        var line = JsonElement.Parse(Format(services, LoggableError.From(new InvalidOperationException("secret"))));

        Assert.Equal("2026-01-02T03:04:05Z", line.GetProperty("time").GetString());
        Assert.Equal(("Warning", "Test", 7), (line.GetProperty("level").GetString(), line.GetProperty("category").GetString(), line.GetProperty("event").GetInt32()));
        Assert.Equal(("took 3", 3), (line.GetProperty("message").GetString(), line.GetProperty("values").GetProperty("Count").GetInt32()));
        Assert.Equal(activity.TraceId.ToHexString(), line.GetProperty("trace_id").GetString());
        Assert.Equal(("ada", "assistant"), (line.GetProperty("gen_ai.conversation.id").GetString(), line.GetProperty("gen_ai.agent.name").GetString()));
        Assert.Equal("System.InvalidOperationException", line.GetProperty("exception").GetString());
    }

    [Fact]
    public void Unless_set_otherwise_a_line_is_text()
    {
        using var services = Configure();

        Assert.Contains("warn: Test[7] took 3", Format(services), StringComparison.Ordinal);
    }

    private static ServiceProvider Configure(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
        return new ServiceCollection()
            .AddSingleton<TimeProvider>(new FakeTimeProvider(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)))
            .AddLogging(logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddSimpleConsole().ClearProviders().AddHostConsole())
            .BuildServiceProvider();
    }

    /// <summary>As the console's logger does, without the console.</summary>
    private static string Format(IServiceProvider services, Exception? exception = null)
    {
        var name = services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName ?? ConsoleFormatterNames.Simple;
        var formatter = services.GetServices<ConsoleFormatter>().First(f => f.Name == name);
        KeyValuePair<string, object?>[] state = [new("Count", 3), new("{OriginalFormat}", "took {Count}")];
        using var writer = new StringWriter();
        formatter.Write(new LogEntry<KeyValuePair<string, object?>[]>(LogLevel.Warning, "Test", 7, state, exception, (_, _) => "took 3"), null, writer);
        return writer.ToString();
    }
}
