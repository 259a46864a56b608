"""What teachers hand in and what becomes of it: drafts, attempts, grading, marks, hours, feedback."""
