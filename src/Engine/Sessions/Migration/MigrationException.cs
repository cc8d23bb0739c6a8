namespace PluginHost.Engine.Sessions.Migration;

/// <summary>A migration, or the copy of one session, is refused or went wrong. The message names the cure.</summary>
internal sealed class MigrationException(string message) : Exception(message);
