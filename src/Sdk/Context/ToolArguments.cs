using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>What a tool finds in its arguments, beside the model's.</summary>
public static class ToolArguments
{
    /// <summary>The session of the run that calls the tool.</summary>
    /// <param name="arguments">The arguments that the tool got. A tool made by <see cref="AIFunctionFactory"/> gets them by a parameter of this type.</param>
    /// <returns>The session.</returns>
    /// <exception cref="InvalidOperationException">The tool was not called by the host.</exception>
    public static Session GetSession(this AIFunctionArguments arguments) => Get<Session>(arguments);

    /// <summary>The session state of the plugin instance that contributed the tool: readable and writable.</summary>
    /// <param name="arguments">The arguments that the tool got.</param>
    /// <returns>The scope of the contributing instance.</returns>
    /// <exception cref="InvalidOperationException">The tool was not called by the host.</exception>
    public static SessionState GetState(this AIFunctionArguments arguments) => Get<SessionState>(arguments);

    private static T Get<T>(AIFunctionArguments arguments)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context?.TryGetValue(typeof(T), out var value) == true && value is T found
            ? found
            : throw new InvalidOperationException($"The tool's arguments hold no {typeof(T).Name}: the tool was not called by the host.");
    }
}
