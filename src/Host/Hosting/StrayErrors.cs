using System.Runtime.ExceptionServices;
using PluginHost.Engine.Errors;

namespace PluginHost.Hosting;

/// <summary>Logs errors of tasks and threads that no caller awaits, mostly of plugins. They do not end the host.</summary>
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
                // Without memory the host can keep no promise; a supervisor restarts it.
                if (error is OutOfMemoryException) return false;
                Log.StrayThread(logger, LoggableError.From(error));
                return true;
            });
        }
        catch (InvalidOperationException)
        {
            // A process has one handler, and an earlier host of this process has set the same.
        }
    }
}
