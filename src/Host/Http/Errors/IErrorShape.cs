namespace PluginHost.Http.Errors;

/// <summary>How the errors of another interface than the native one are written. Thread-safe.</summary>
internal interface IErrorShape
{
    /// <summary>Whether a path belongs to that interface, whether something is there or not.</summary>
    bool Serves(PathString path);

    /// <summary>Writes the whole response; nothing of it has been sent.</summary>
    Task WriteAsync(HttpContext context, ProblemBody problem);
}
