using PluginHost.Engine.Errors;

namespace PluginHost.Http.Errors;

/// <summary>Writes the errors of an interface other than the native one. Thread-safe.</summary>
internal interface IErrorShape
{
    /// <summary>Whether a path belongs to that interface, with or without an endpoint.</summary>
    bool Serves(PathString path);

    /// <summary>Writes the whole response; nothing of it has been sent.</summary>
    /// <param name="context">The request.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="status">The status of a problem that has none in <see cref="ProblemStatuses"/>.</param>
    Task WriteAsync(HttpContext context, Problem problem, int? status);
}
