using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace PluginHost.Telemetry.Logs;

/// <summary>What is logged on the console, and how: as <c>Logging:Console:FormatterName</c> says, one line of text unless it does.</summary>
internal static class ConsoleLogging
{
    public static ILoggingBuilder AddHostConsole(this ILoggingBuilder logging)
    {
        logging.Services.TryAddSingleton(TimeProvider.System);
        // Before the platform's own, which may be there already: of one name, the first counts.
        logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter, JsonLogFormatter>());
        logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter, LineFormatter>());
        logging.AddConsole();
        // The platform's default host has chosen a form already, which would win over the configuration.
        logging.Services.AddOptions<ConsoleLoggerOptions>().Configure<ILoggerProviderConfiguration<ConsoleLoggerProvider>>(
            (console, configured) => console.FormatterName = configured.Configuration["FormatterName"] ?? console.FormatterName);
        return logging;
    }
}
