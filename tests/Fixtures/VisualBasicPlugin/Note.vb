Imports System.ComponentModel.DataAnnotations
Imports System.Threading
Imports Microsoft.Extensions.AI
Imports PluginHost.Sdk

<Assembly: Plugin("basic-note", GetType(VisualBasicPlugin.Note), Options:=GetType(VisualBasicPlugin.NoteOptions))>

''' <summary>The options of basic-note.</summary>
Public Class NoteOptions
    ''' <summary>The text of the note.</summary>
    <Required>
    Public Property Text As String

    ''' <summary>What comes before the text.</summary>
    Public Property Label As String = "Note"
End Class

''' <summary>A context provider that adds a note.</summary>
Public Class Note
    Implements IContextProvider

    Private ReadOnly _options As NoteOptions

    Public Sub New(options As NoteOptions)
        _options = options
    End Sub

    Public Function ProvideAsync(request As RunRequest, cancellationToken As CancellationToken) As ValueTask(Of ContextContribution) Implements IContextProvider.ProvideAsync
        Dim messages = {New ChatMessage(ChatRole.User, $"{_options.Label}: {_options.Text}")}
        Return New ValueTask(Of ContextContribution)(New ContextContribution With {.Messages = messages})
    End Function

    Public Function ObserveAsync(request As RunRequest, result As RunResult, cancellationToken As CancellationToken) As ValueTask Implements IContextProvider.ObserveAsync
        Return Nothing
    End Function
End Class
