using PluginHost.Engine.Errors;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;
using PluginHost.WebConsole.Api;
using PluginHost.WebConsole.Pages;

namespace PluginHost.Hosting;

/// <summary>Counts forms against the share of bytes that the sender's tenant has, like the bodies of the API.</summary>
internal sealed class FormMemory : IFormMemory
{
    public ApiProblem? TryHold(HttpContext context, long bytes)
    {
        try
        {
            context.Features.Get<RequestSlot>()?.AddBody(bytes);
            return null;
        }
        catch (ProblemException e)
        {
            return new ApiProblem("", "There is no room for this form now", ProblemStatuses.Find(e.Problem) ?? StatusCodes.Status429TooManyRequests) { Detail = e.Message };
        }
    }
}
