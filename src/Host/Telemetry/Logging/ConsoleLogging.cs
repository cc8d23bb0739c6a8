using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace PluginHost.Telemetry.Logging;

/// <summary>What is logged on the console, and how: as <c>Logging:Console:FormatterName</c> says, one line of text unless it does.</summary>
internal static class ConsoleLogging
{
    public static ILoggingBuilder AddHostConsole(this ILoggingBuilder logging)
    {
        logging.Services.TryAddSingleton(TimeProvider.System);
        // Before the platform's own: of one name, the first counts.
        logging.Services.AddSingleton<ConsoleFormatter, JsonLogFormatter>();
        logging.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
        logging.AddConsole();
        // The platform's default host has chosen a form already, which would win over the configuration.
        logging.Services.AddOptions<ConsoleLoggerOptions>().Configure<ILoggerProviderConfiguration<ConsoleLoggerProvider>>(
            (console, configured) => console.FormatterName = configured.Configuration["FormatterName"] ?? console.FormatterName);
        return logging;
    }
}
