using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

namespace PluginHost.Telemetry.Logging;

/// <summary>What is logged on the console, and how: as <c>Logging:Console:FormatterName</c> says, one line of text unless it does.</summary>
internal static class ConsoleLogging
{
    public static ILoggingBuilder AddHostConsole(this ILoggingBuilder logging)
    {
        logging.Services.TryAddSingleton(TimeProvider.System);
        // Before the platform's own: the first formatter of a name, and the last setting of an option, count.
        logging.Services.AddSingleton<ConsoleFormatter, JsonLogFormatter>();
        logging.Services.Configure<SimpleConsoleFormatterOptions>(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
        return logging.AddConsole();
    }
}
