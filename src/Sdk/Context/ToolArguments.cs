using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Values that the host adds to the arguments of a tool call.</summary>
public static class ToolArguments
{
    /// <summary>Gets the session of the run that calls the tool.</summary>
    /// <param name="arguments">
    /// The arguments of the call. A tool made by <see cref="AIFunctionFactory"/> receives them in a parameter of this type.
    /// </param>
    /// <returns>The session.</returns>
    /// <exception cref="InvalidOperationException">The host did not make this call.</exception>
    public static Session GetSession(this AIFunctionArguments arguments) => Get<Session>(arguments);

    /// <summary>Gets the session state of the plugin instance that contributed the tool, for reading and writing.</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <returns>The state of the contributing instance.</returns>
    /// <exception cref="InvalidOperationException">The host did not make this call.</exception>
    public static SessionState GetState(this AIFunctionArguments arguments) => Get<SessionState>(arguments);

    /// <summary>
    /// Gets the idempotency key of the call: the same whenever the host makes this call again, also in another process, and another one for
    /// every other call. Pass it to a service that acts once for each key.
    /// </summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <returns>The key: letters, digits, and the characters <c>_ . -</c>.</returns>
    /// <exception cref="InvalidOperationException">The host did not make this call.</exception>
    public static string GetIdempotencyKey(this AIFunctionArguments arguments) => Get<ToolCallKey>(arguments).Value;

    private static T Get<T>(AIFunctionArguments arguments)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context?.TryGetValue(typeof(T), out var value) == true && value is T found
            ? found
            : throw new InvalidOperationException($"The tool's arguments hold no {typeof(T).Name} because the host did not make this call.");
    }
}
