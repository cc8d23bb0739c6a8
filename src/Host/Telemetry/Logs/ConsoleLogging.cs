using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace PluginHost.Telemetry.Logs;

/// <summary>Registers the console log. <c>Logging:Console:FormatterName</c> sets the format; the default is one line of text per entry.</summary>
internal static class ConsoleLogging
{
    public static ILoggingBuilder AddHostConsole(this ILoggingBuilder logging)
    {
        logging.Services.TryAddSingleton(TimeProvider.System);
        // Insert before the default formatters: the first formatter of a name is used.
        logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter, JsonLogFormatter>());
        logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter, LineFormatter>());
        logging.AddConsole();
        // The default host has set a formatter, which would override the configuration.
        logging.Services.AddOptions<ConsoleLoggerOptions>().Configure<ILoggerProviderConfiguration<ConsoleLoggerProvider>>(
            (console, configured) => console.FormatterName = configured.Configuration["FormatterName"] ?? console.FormatterName);
        return logging;
    }
}
