using System.Runtime.ExceptionServices;
using PluginHost.Engine.Errors;

namespace PluginHost.Hosting;

/// <summary>Errors that nobody waits for, left behind by plugins mostly: they are logged, and do not end the host.</summary>
internal static class StrayErrors
{
    /// <summary>From now on, to the end of the process.</summary>
    public static void Watch(ILogger logger)
    {
        TaskScheduler.UnobservedTaskException += (_, error) =>
        {
            error.SetObserved();
            Log.StrayTask(logger, LoggableError.From(error.Exception));
        };
        try
        {
            ExceptionHandling.SetUnhandledExceptionHandler(error =>
            {
                // Without memory nothing that the host promises can be kept; a supervisor starts it again.
                if (error is OutOfMemoryException) return false;
                Log.StrayThread(logger, LoggableError.From(error));
                return true;
            });
        }
        catch (InvalidOperationException)
        {
            // A process has one handler; an earlier host of this process has set it, and it does the same.
        }
    }
}
