using Microsoft.Extensions.Logging;

namespace PluginHost.Budget;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Owner} has used {Percent} % of a budget of {Limit}.")]
    public static partial void Warned(ILogger logger, string owner, int percent, string limit);

    [LoggerMessage(2, LogLevel.Warning, "Charges cannot be saved: {Reason} They count until the host stops, and the host tries again each second.")]
    public static partial void NotSaved(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Count} charges could not be saved and are lost. The budgets of the next start have more left than they should.")]
    public static partial void Lost(ILogger logger, int count);

    [LoggerMessage(4, LogLevel.Warning, "The price of the model '{Model}' is from {AsOf}. Look it up and update Prices.")]
    public static partial void OldPrice(ILogger logger, string model, string asOf);
}
